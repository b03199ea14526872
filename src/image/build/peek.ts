import { Readable } from 'node:stream'

/** Looks at the first bytes of a stream; `rest` gives the whole stream, those bytes included. */
export async function peek(
  stream: NodeJS.ReadableStream,
  length: number,
): Promise<{ readonly head: Buffer; readonly rest: Readable }> {
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
  async function* whole(): AsyncGenerator<Buffer> {
    if (start.length > 0) yield start
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      yield Buffer.from(next.value)
  }
  return { head: start.subarray(0, length), rest: Readable.from(whole(), { objectMode: false }) }
}
