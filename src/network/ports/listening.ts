import { closeSync, openSync, readSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import type { SetupOp } from '../../native/index.ts'
import { addressBytes, parseAddress } from '../ip/address.ts'
import { dumpSockets, parseSockets } from '../netlink/index.ts'

/** Protocols whose sockets /proc/net lists. */
export type ListedProtocol = 'tcp' | 'udp'

/** State columns: of a TCP socket that listens, of a UDP socket without a peer. */
const WAITING: Readonly<Record<ListedProtocol, string>> = { tcp: '0A', udp: '07' }

const CHUNK = 64 * 1024

/** AF_INET and AF_INET6. */
const FAMILIES = [2, 10]
/** Numbers of the protocols, and of the states above. */
const NUMBERS: Readonly<Record<ListedProtocol, { readonly protocol: number; readonly state: number }>> = {
  tcp: { protocol: 6, state: 10 },
  udp: { protocol: 17, state: 7 },
}

const opsFor = (of: ListedProtocol): readonly SetupOp[] =>
  FAMILIES.map(family => ({
    op: 'netlinkDump',
    netns: 'host',
    protocol: 'sockets',
    bytes: dumpSockets(family, NUMBERS[of].protocol, [NUMBERS[of].state]),
  }))

/**
 * Operations for `native.run` that list these sockets, of which `listedSockets` makes what `waitingSockets` tells: for the list in /proc the kernel goes through
 * the table of all connections that it might have, which takes a millisecond and more. A kernel may be without it.
 */
export const SOCKET_OPS: Readonly<Record<ListedProtocol, readonly SetupOp[]>> = {
  tcp: opsFor('tcp'),
  udp: opsFor('udp'),
}

/** All states of a TCP socket that has its port, but that of one whose process has let go of it; the last is of one that is bound alone, which /proc has in no list. */
const HOLDING = [1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13]

/** Operations that list all TCP sockets that have a port, of which `listedSockets` makes one for each place. */
export const HOLDER_OPS: readonly SetupOp[] = FAMILIES.map(family => ({
  op: 'netlinkDump',
  netns: 'host',
  protocol: 'sockets',
  bytes: dumpSockets(family, NUMBERS.tcp.protocol, HOLDING),
}))

/** Inodes by `listenerPlace` of the sockets that `SOCKET_OPS` have listed. */
export function listedSockets(outputs: readonly Buffer[]): ReadonlyMap<string, string> {
  return new Map(
    outputs
      .flatMap(bytes => parseSockets(bytes))
      .map(({ address, port, inode }) => [placeOf(Buffer.from(address), port), String(inode)]),
  )
}

/**
 * The sockets of this machine that take whatever comes to their port: inodes by `listenerPlace`. The kernel lists TCP's that listen before all
 * others, which are not read: a busy machine has tens of thousands.
 */
export function waitingSockets(protocol: ListedProtocol): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const file of [protocol, `${protocol}6`])
    for (const [, place = '', state, inode = ''] of readRows(`/proc/net/${file}`, protocol).matchAll(ROWS))
      if (state === WAITING[protocol]) found.set(place, inode)
  return found
}

/** A line's local address, state and inode. */
const ROWS = /^ *\d+: ([\dA-F]+:[\dA-F]{4}) \S+ ([\dA-F]{2}) \S+ \S+ \S+ +\d+ +\d+ (\d+)/gm
/** A TCP socket that does not listen. */
const BUSY = /^ *\d+: \S+ \S+ (?!0A)[\dA-F]{2} /m

/** How /proc/net writes an address and a port: words of the machine's byte order. */
export function listenerPlace(address: string, port: number): string {
  const parsed = parseAddress(address)
  return placeOf(parsed === undefined ? Buffer.alloc(0) : addressBytes(parsed), port)
}

function placeOf(bytes: Buffer, port: number): string {
  return `${bytes.swap32().toString('hex')}:${port.toString(16).padStart(4, '0')}`.toUpperCase()
}

function readRows(path: string, protocol: ListedProtocol): string {
  const chunks: string[] = []
  const file = openIfThere(path)
  if (file === undefined) return ''
  const bytes = Buffer.allocUnsafe(CHUNK)
  try {
    for (let got = -1; got !== 0; ) {
      got = readSync(file, bytes, 0, CHUNK, null)
      const text = bytes.toString('latin1', 0, got)
      chunks.push(text)
      if (protocol === 'tcp' && BUSY.test(text)) break
    }
  } finally {
    closeSync(file)
  }
  return chunks.join('')
}

/** A machine without IPv6 has no list of it. */
function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
