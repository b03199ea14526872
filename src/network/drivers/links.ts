import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import { IFF_UP, type Link, type LinkAddress } from '../netlink/index.ts'
import type { Links } from './driver.ts'

const FOLDER = '/sys/class/net'

/** This process's own namespace, by what sysfs shows: a call or two for each question. */
export const SYSFS_LINKS: Links = {
  has(name) {
    return existsSync(`${FOLDER}/${name}`)
  },
  indexOf(name) {
    return unlessGone(() => Number(readFileSync(`${FOLDER}/${name}/ifindex`, 'utf8')), undefined)
  },
  macOf(name) {
    return unlessGone(() => readFileSync(`${FOLDER}/${name}/address`, 'utf8').trim(), undefined)
  },
  masterOf(name) {
    return unlessGone(() => basename(readlinkSync(`${FOLDER}/${name}/master`)), undefined)
  },
  portsOf(name) {
    return unlessGone(() => readdirSync(`${FOLDER}/${name}/brif`), [])
  },
  isUp(name) {
    return unlessGone(() => (Number(readFileSync(`${FOLDER}/${name}/flags`, 'utf8')) & IFF_UP) !== 0, false)
  },
  mtuOf(name) {
    return unlessGone(() => Number(readFileSync(`${FOLDER}/${name}/mtu`, 'utf8')), undefined)
  },
  portOf: () => undefined,
  addressesOf: () => undefined,
}

function unlessGone<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return otherwise
    throw error
  }
}

/** A namespace as the kernel has told of all its links and addresses at once. */
export function toldLinks(links: readonly Link[], addresses: readonly LinkAddress[]): Links {
  const byName = new Map(links.map(link => [link.name, link]))
  const names = new Map(links.map(({ index, name }) => [index, name]))
  const masterOf = (name: string): string | undefined => names.get(byName.get(name)?.master ?? 0)
  return {
    has: name => byName.has(name),
    indexOf: name => byName.get(name)?.index,
    macOf: name => byName.get(name)?.macAddress,
    masterOf,
    portsOf: bridge => links.flatMap(({ name }) => (masterOf(name) === bridge ? [name] : [])),
    isUp: name => byName.get(name)?.up === true,
    mtuOf: name => byName.get(name)?.mtu,
    portOf: name => byName.get(name)?.port,
    addressesOf: name => {
      const index = byName.get(name)?.index
      return addresses.flatMap(({ link, address }) => (link === index ? [address] : []))
    },
  }
}
