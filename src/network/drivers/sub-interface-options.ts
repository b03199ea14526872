import { type Failure, failure } from '../../diagnostics/index.ts'
import type { Network } from './driver.ts'

/** What the options of Docker's drivers macvlan and ipvlan that change something mean. */
export interface SubInterfaceOptions {
  /** The link of the host that containers hang on; undefined: one of the network's own, which leads nowhere. */
  readonly parent?: string
  /** Bytes; undefined: the parent's. */
  readonly mtu?: number
  readonly mode: string
  /** Of ipvlan alone. */
  readonly flag: string
}

/** Names of the options of one driver, with the words that they may be; the first is the default. */
export interface SubInterfaceWords {
  readonly driver: string
  readonly mode: string
  readonly modes: readonly string[]
  readonly flag?: string
  readonly flags?: readonly string[]
}

const PARENT = 'parent'
const MTU = 'com.docker.network.driver.mtu'

/** Reads them; what is not set has Docker's default. */
export function subInterfaceOptions(
  { mode, modes, flag = '', flags = [''] }: SubInterfaceWords,
  options: Network['options'],
): SubInterfaceOptions {
  const { [PARENT]: parent = '', [MTU]: mtu } = options
  return {
    mode: options[mode] || modes[0] || '',
    flag: options[flag] || flags[0] || '',
    ...(parent === '' ? {} : { parent }),
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
  }
}

/** Those that are kept and have no effect. */
export function unknownSubInterfaceOptions(
  { mode, flag }: SubInterfaceWords,
  options: Network['options'],
): string[] {
  return Object.keys(options).filter(name => ![PARENT, MTU, mode, flag].includes(name))
}

/** NETWORK_OPTION for what cannot be, whatever the machine. */
export function checkSubInterfaceOptions(words: SubInterfaceWords, options: Network['options']): void {
  const { driver, modes, flags = [''] } = words
  const { parent, mode, flag } = subInterfaceOptions(words, options)
  const { [MTU]: mtu } = options
  if (!modes.includes(mode)) throw invalid(`${driver} mode`, mode, modes.join(', '))
  if (!flags.includes(flag)) throw invalid(`${driver} flag`, flag, flags.join(', '))
  if (mtu !== undefined && !/^\d{2,5}$/.test(mtu)) throw invalid('MTU', mtu, 'a number of bytes')
  if (parent === undefined) return
  if (parent === 'lo') throw invalid(`parent of ${driver}`, parent, 'an interface that leads somewhere')
  if (!/^[^\s/:]{1,15}$/.test(parent))
    throw invalid(`parent of ${driver}`, parent, 'the name of an interface')
  const id = Number(vlanOf(parent)?.id ?? 1)
  if (id < 1 || id > 4094) throw invalid('VLAN', String(id), 'a number from 1 to 4094')
}

/** The link and the number that the name of an 802.1q sub-interface tells: `eth0.10`. */
export function vlanOf(name: string): { readonly base: string; readonly id: number } | undefined {
  const [, base, id] = /^(.+)\.(\d{1,9})$/.exec(name) ?? []
  return base === undefined ? undefined : { base, id: Number(id) }
}

function invalid(what: string, got: string, want: string): Failure {
  return failure({
    code: 'NETWORK_OPTION',
    kind: 'invalidArgument',
    summary: `${what} "${got}" is not allowed, want ${want}`,
  })
}
