import { BlockList, isIP } from 'node:net'
import { readIfThere } from '../../../linux/atomic-file.ts'
import { textsOf, wrongFile } from './wrong-file.ts'

/** What Docker's daemon.json says about registries. */
export interface DaemonRules {
  /** Origins, `https://mirror.example.com`, that the hub's images are asked for at first. */
  readonly mirrors: readonly string[]
  /** True for a registry, `HOST[:PORT]`, whose certificate is not checked and which may speak without TLS. */
  isInsecure(host: string): boolean
}

/** Reads `registry-mirrors` and `insecure-registries`; a file that is not there says nothing. Raises REGISTRY_SETTINGS. */
export async function readDaemonRules(path: string): Promise<DaemonRules> {
  const text = (await readIfThere(path)) ?? ''
  const written = text.trim() === '' ? {} : parse(path, text)
  const mirrors = textsOf(path, 'registry-mirrors', written['registry-mirrors']).map(mirror => {
    if (!URL.canParse(mirror) || !/^https?:$/.test(new URL(mirror).protocol))
      throw wrongFile(path, `the mirror "${mirror}" is no http or https address`)
    return new URL(mirror).origin
  })
  return {
    mirrors,
    isInsecure: insecurity(path, textsOf(path, 'insecure-registries', written['insecure-registries'])),
  }
}

function parse(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw wrongFile(path, error)
  }
  throw wrongFile(path, 'it is no object')
}

/** An entry is a registry as it stands in names, or a subnet, which means the registries that are named by an address of it. */
function insecurity(path: string, entries: readonly string[]): (host: string) => boolean {
  const subnets = new BlockList()
  const hosts = new Set<string>()
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address)
    if (bits === undefined || family === 0) hosts.add(entry.replace(/^https?:\/\//, '').replace(/\/$/, ''))
    else addSubnet(path, subnets, entry)
  }
  return host => {
    const address = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
    const family = isIP(address)
    return hosts.has(host) || (family !== 0 && subnets.check(address, family === 4 ? 'ipv4' : 'ipv6'))
  }
}

function addSubnet(path: string, subnets: BlockList, entry: string): void {
  const [address = '', bits] = entry.split('/')
  try {
    subnets.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6')
  } catch (error) {
    throw wrongFile(path, error)
  }
}
