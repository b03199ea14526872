import { failure } from '../diagnostics/index.ts'
import { REPLY_HEAD, REPLY_MAGIC } from './wire.ts'

/** A reply of the native binary, as it is on the wire. */
export interface Reply {
  /** Positive errno; 0 when nothing failed. */
  readonly errno: number
  /** Index of the operation that failed, over all stages of its program. */
  readonly opIndex: number
  readonly stage: number
  readonly pid: number
  readonly exitCode: number | undefined
  readonly detail: string
  readonly results: readonly { readonly opIndex: number; readonly bytes: Buffer }[]
}

/** Total length of the reply that a buffer begins with; undefined while its head is incomplete. */
function replyLength(bytes: Buffer): number | undefined {
  return bytes.length < REPLY_HEAD ? undefined : bytes.readUInt32LE(4)
}

/** Decodes one whole reply. Raises NATIVE_REPLY_INVALID for anything else. */
export function decodeReply(bytes: Buffer): Reply {
  if (
    bytes.length < REPLY_HEAD ||
    bytes.readUInt32LE(0) !== REPLY_MAGIC ||
    bytes.readUInt32LE(4) !== bytes.length
  ) {
    throw failure({
      code: 'NATIVE_REPLY_INVALID',
      summary: `Native binary gave no valid reply (${bytes.length} bytes)`,
    })
  }
  const exitCode = bytes.readInt32LE(24)
  const detailEnd = REPLY_HEAD + bytes.readUInt32LE(28)
  const results: { opIndex: number; bytes: Buffer }[] = []
  let at = detailEnd
  for (let count = bytes.readUInt32LE(32); count > 0; count--) {
    const length = bytes.readUInt32LE(at + 4)
    results.push({ opIndex: bytes.readUInt32LE(at), bytes: bytes.subarray(at + 8, at + 8 + length) })
    at += 8 + length
  }
  return {
    errno: bytes.readInt32LE(8),
    opIndex: bytes.readUInt32LE(12),
    stage: bytes.readUInt32LE(16),
    pid: bytes.readInt32LE(20),
    exitCode: exitCode < 0 ? undefined : exitCode,
    detail: bytes.toString('utf8', REPLY_HEAD, detailEnd),
    results,
  }
}

/** Cuts a stream of bytes into replies. */
export class ReplyReader {
  #chunks: Buffer[] = []
  #held = 0
  /** How many bytes there must be before there is anything to do. */
  #wanted = REPLY_HEAD

  /** Takes a chunk; gives the replies that are whole now. A long one is put together once, when all of it is there. */
  push(chunk: Buffer): Reply[] {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#wanted) return []
    const [first = chunk] = this.#chunks
    let pending = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)
    const replies: Reply[] = []
    for (;;) {
      const length = replyLength(pending)
      if (length === undefined || pending.length < length) {
        this.#chunks = [pending]
        this.#held = pending.length
        this.#wanted = length ?? REPLY_HEAD
        return replies
      }
      replies.push(decodeReply(pending.subarray(0, length)))
      pending = pending.subarray(length)
    }
  }
}
