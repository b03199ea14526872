import { align } from './attribute.ts'

/** Message types of rtnetlink (linux/rtnetlink.h). */
export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
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

/** Splits received bytes into messages; parsing stops at broken lengths. */
export function parseMessages(bytes: Buffer): Message[] {
  const messages: Message[] = []
  let offset = 0
  while (offset + HEADER <= bytes.length) {
    const length = bytes.readUInt32LE(offset)
    if (length < HEADER || offset + length > bytes.length) break
    messages.push({
      type: bytes.readUInt16LE(offset + 4),
      flags: bytes.readUInt16LE(offset + 6),
      sequence: bytes.readUInt32LE(offset + 8),
      body: bytes.subarray(offset + HEADER, offset + length),
    })
    offset += align(length)
  }
  return messages
}
