/** Bytes before each message of gRPC: whether it is compressed, and its length. */
const HEAD = 5

/** A message as it travels, uncompressed. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(HEAD + message.length)
  framed[0] = 0
  framed.writeUInt32BE(message.length, 1)
  framed.set(message, HEAD)
  return framed
}

/** The messages in a stream of bytes. Raises an Error for one that is compressed, longer than `most`, or cut off. */
export async function* messagesIn(chunks: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = []
  let length = 0
  let wanted = HEAD
  for await (const chunk of chunks) {
    waiting.push(chunk)
    length += chunk.length
    if (length < wanted) continue
    let bytes = waiting.length === 1 ? chunk : Buffer.concat(waiting, length)
    wanted = HEAD
    while (bytes.length >= HEAD) {
      const size = bytes.readUInt32BE(1)
      if (bytes[0] !== 0 || size > most) throw new Error(`a message of ${size} bytes cannot be taken`)
      wanted = HEAD + size
      if (bytes.length < wanted) break
      yield bytes.subarray(HEAD, wanted)
      bytes = bytes.subarray(wanted)
      wanted = HEAD
    }
    waiting = bytes.length === 0 ? [] : [bytes]
    length = bytes.length
  }
  if (length > 0) throw new Error('a message was cut off')
}
