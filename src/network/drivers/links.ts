import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
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
}

function unlessGone<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return otherwise
    throw error
  }
}
