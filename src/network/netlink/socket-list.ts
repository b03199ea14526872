import { dumpRequest, eachMessage } from './message.ts'

/** Of linux/sock_diag.h. */
const SOCK_DIAG_BY_FAMILY = 20
/** struct inet_diag_req_v2, and where in struct inet_diag_msg things are. */
const REQUEST = 56
const [PORT, ADDRESS, INODE] = [4, 8, 68]

/** A socket of the machine: its own end, address as bytes, and the number by which descriptors name it. */
export interface ListedSocket {
  readonly address: Buffer
  readonly port: number
  readonly inode: number
}

/** A request for the sockets of a family (AF_) and a protocol (IPPROTO_) that are in one of these states (TCP_), of sock_diag(7). */
export function dumpSockets(family: number, protocol: number, states: readonly number[]): Buffer {
  const body = Buffer.alloc(REQUEST)
  body[0] = family
  body[1] = protocol
  body.writeUInt32LE(
    states.reduce((mask, state) => mask | (1 << state), 0),
    4,
  )
  return dumpRequest(SOCK_DIAG_BY_FAMILY, body)
}

/** Reads the answer. */
export function parseSockets(bytes: Buffer): ListedSocket[] {
  const found: ListedSocket[] = []
  eachMessage(bytes, (type, from, to) => {
    if (type !== SOCK_DIAG_BY_FAMILY || to - from < INODE + 4) return
    const size = bytes[from] === 2 ? 4 : 16
    found.push({
      address: bytes.subarray(from + ADDRESS, from + ADDRESS + size),
      port: bytes.readUInt16BE(from + PORT),
      inode: bytes.readUInt32LE(from + INODE),
    })
  })
  return found
}
