import { StringDecoder } from 'node:string_decoder'

/** Characters after which a line without an end is one. */
const LONGEST = 1 << 20

/** The lines of a stream of bytes that may be cut anywhere, without their newlines; the last one need not have one. */
export async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const piece of bytes) {
    const lines = (rest + decoder.write(piece)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
    if (rest.length < LONGEST) continue
    yield rest
    rest = ''
  }
  rest += decoder.end()
  if (rest !== '') yield rest
}
