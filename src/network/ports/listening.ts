import { closeSync, openSync, readSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import { addressBytes, parseAddress } from '../ip/address.ts'

/** Protocols whose sockets /proc/net lists. */
export type ListedProtocol = 'tcp' | 'udp'

/** State columns: of a TCP socket that listens, of a UDP socket without a peer. */
const WAITING: Readonly<Record<ListedProtocol, string>> = { tcp: '0A', udp: '07' }

const CHUNK = 64 * 1024

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
  const bytes = parsed === undefined ? Buffer.alloc(0) : addressBytes(parsed)
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
