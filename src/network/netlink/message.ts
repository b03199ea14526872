import { align, u32At } from './attribute.ts'

/** Message types of rtnetlink (linux/rtnetlink.h). */
export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  SETLINK: 19,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWRULE: 32,
  DELRULE: 33,
  GETRULE: 34,
} as const

/** Message flags (linux/netlink.h). `DUMP` belongs to GET requests, the bits after it to NEW requests. */
export const NLM_F = {
  REQUEST: 1,
  ACK: 4,
  DUMP: 0x300,
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
} as const

const HEADER = 16

/** One parsed message. */
export interface Message {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  readonly body: Buffer
}

/**
 * One whole nlmsg that asks for an acknowledgement. The sequence number is 0: the native side sends one message after
 * the other and takes the next acknowledgement for this one's.
 */
export function request(type: number, flags: number, ...body: readonly Uint8Array[]): Buffer {
  return message(type, NLM_F.REQUEST | NLM_F.ACK | flags, body)
}

/** A message that is acknowledged only when it fails, such as those of a batch. */
export function notice(type: number, flags: number, ...body: readonly Uint8Array[]): Buffer {
  return message(type, NLM_F.REQUEST | flags, body)
}

/** A request for all objects of a kind. */
export function dumpRequest(type: number, ...body: readonly Uint8Array[]): Buffer {
  return message(type, NLM_F.REQUEST | NLM_F.DUMP, body)
}

/** A request that is answered, and not acknowledged. */
export function plainRequest(type: number, ...body: readonly Uint8Array[]): Buffer {
  return message(type, NLM_F.REQUEST, body)
}

function message(type: number, flags: number, body: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(body)
  const bytes = Buffer.alloc(align(HEADER + payload.length))
  bytes.writeUInt32LE(HEADER + payload.length, 0)
  bytes.writeUInt16LE(type, 4)
  bytes.writeUInt16LE(flags, 6)
  bytes.set(payload, HEADER)
  return bytes
}

/** A dump's request, and what of each object in its answer is kept: paths of attributes behind a struct of `head` bytes; all of it where there are none. */
export interface Listing {
  readonly bytes: Buffer
  readonly head?: number
  readonly keep?: readonly number[]
}

/** A path of attributes, from the outside in: a byte for each. */
export function pathOf(...types: readonly number[]): number {
  return types.reduce((path, type, depth) => path + type * 256 ** depth, 0)
}

/** Calls `take` for each message in received bytes, with its type and where its body is; it stops at broken lengths. */
export function eachMessage(bytes: Buffer, take: (type: number, from: number, to: number) => void): void {
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = u32At(bytes, at)
    if (length < HEADER || at + length > bytes.length) return
    take((bytes[at + 4] ?? 0) | ((bytes[at + 5] ?? 0) << 8), at + HEADER, at + length)
    at += align(length)
  }
}

/** Splits received bytes into messages; parsing stops at broken lengths. */
export function parseMessages(bytes: Buffer): Message[] {
  const messages: Message[] = []
  eachMessage(bytes, (type, from, to) => {
    const [flags, sequence] = [bytes.readUInt16LE(from - 10), bytes.readUInt32LE(from - 8)]
    messages.push({ type, flags, sequence, body: bytes.subarray(from, to) })
  })
  return messages
}
