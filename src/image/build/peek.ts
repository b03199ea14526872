import { Readable } from 'node:stream'

/** A stream whose first bytes are known. */
export interface Peeked {
  readonly head: Buffer
  /** The whole stream, the first bytes included. */
  readonly rest: Readable
  /** Why the stream itself broke off, if it did: a reader that stops early is no such failure. */
  readonly brokeOff: () => unknown
}

/** Looks at the first bytes of a stream. */
export async function peek(stream: NodeJS.ReadableStream, length: number): Promise<Peeked> {
  const iterator = stream[Symbol.asyncIterator]()
  const chunks: Buffer[] = []
  let size = 0
  while (size < length) {
    const next = await iterator.next()
    if (next.done) break
    const chunk = Buffer.from(next.value)
    chunks.push(chunk)
    size += chunk.length
  }
  const start = Buffer.concat(chunks)
  let broken: unknown
  const following = async (): Promise<Buffer | undefined> => {
    try {
      const next = await iterator.next()
      return next.done ? undefined : Buffer.from(next.value)
    } catch (error) {
      broken = error
      throw error
    }
  }
  async function* whole(): AsyncGenerator<Buffer> {
    if (start.length > 0) yield start
    for (let chunk = await following(); chunk !== undefined; chunk = await following()) yield chunk
  }
  const rest = Readable.from(whole(), { objectMode: false })
  return { head: start.subarray(0, length), rest, brokeOff: () => broken }
}
