import { readFile } from 'node:fs/promises'
import { errnoOf } from '../../diagnostics/index.ts'
import { formatAddress } from '../../network/index.ts'
import type { Container } from '../state/container.ts'

/** What the kernel tells of TCP sockets in a container's network, by anything but its own loopback. */
export interface Sockets {
  /** Ports on which somebody listens. */
  readonly listening: ReadonlySet<number>
  /** Who is connected to these and has more to say: an address for each connection. */
  readonly peers: readonly string[]
}

const ESTABLISHED = '01'
const SYN_RECV = '03'
const FIN_WAIT1 = '04'
const CLOSE_WAIT = '08'
const LISTEN = '0A'
/** Of a connection of which something is still to be said, or on its way. */
const OPEN: ReadonlySet<string> = new Set([ESTABLISHED, SYN_RECV, FIN_WAIT1, CLOSE_WAIT])

/** Looks at the sockets of a container that runs; there are none of one that does not. */
export async function socketsOf({ live }: Pick<Container, 'live'>): Promise<Sockets> {
  const pid = live?.status?.pid ?? 0
  const texts = pid === 0 ? [] : await Promise.all(['tcp', 'tcp6'].map(name => tableOf(pid, name)))
  return socketsIn(texts)
}

/** Who is connected to a container that runs. */
export async function peersOf(container: Pick<Container, 'live'>): Promise<readonly string[]> {
  return (await socketsOf(container)).peers
}

/** The same of tables of `/proc/PID/net/tcp` and `tcp6`. */
export function socketsIn(tables: readonly string[]): Sockets {
  const rows = tables.flatMap(rowsOf).filter(({ address }) => !isLoopback(address))
  const listening = new Set(rows.flatMap(({ state, port }) => (state === LISTEN ? [port] : [])))
  const connected = rows.filter(({ state, port }) => OPEN.has(state) && listening.has(port))
  return { listening, peers: connected.map(({ remote }) => addressText(remote)) }
}

interface Row {
  /** Hex digits, each four bytes in the machine's order. */
  readonly address: string
  readonly port: number
  /** The other end's address, in such digits. */
  readonly remote: string
  readonly state: string
}

function rowsOf(table: string): Row[] {
  return table.split('\n').flatMap(line => {
    const [, local = '', peer = '', state = ''] = line.trim().split(/\s+/, 4)
    const [address = '', port = ''] = local.split(':')
    const [remote = ''] = peer.split(':')
    return /^[0-9A-F]{4}$/.test(port) ? [{ address, port: Number.parseInt(port, 16), remote, state }] : []
  })
}

/** 127.0.0.0/8, as it is or within IPv6, and ::1: the last byte of the last four is the first digit pair on this machine. */
function isLoopback(address: string): boolean {
  if (address.length === 8) return address.endsWith('7F')
  return address === '00000000000000000000000001000000' || /^0{16}FFFF0000.{6}7F$/.test(address)
}

/** As records have it: of IPv4 also where it stands within IPv6. */
function addressText(digits: string): string {
  const mapped = /^0{16}FFFF0000(.{8})$/.exec(digits)?.[1]
  const bytes = Buffer.from(mapped ?? digits, 'hex').swap32()
  const value = BigInt(`0x${bytes.toString('hex')}`)
  return formatAddress({ family: bytes.length === 4 ? 4 : 6, value })
}

async function tableOf(pid: number, name: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/net/${name}`, 'latin1')
  } catch (error) {
    // It has ended, or there is no IPv6.
    if (['ENOENT', 'ESRCH', 'EINVAL'].includes(errnoOf(error) ?? '')) return ''
    throw error
  }
}
