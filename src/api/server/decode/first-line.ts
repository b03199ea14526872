import { Readable } from 'node:stream'
import { failure } from '../../../diagnostics/index.ts'

const NEWLINE = 10

/** A body whose first line is one thing and what follows another. Raises BODY_TOO_LARGE for a longer line, BODY_INVALID. */
export async function splitFirstLine(
  body: Readable,
  limit: number,
): Promise<{ readonly line: string; readonly rest: Readable }> {
  const chunks: Buffer[] = []
  let length = 0
  const iterator = body.iterator({ destroyOnReturn: false })
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const chunk: Buffer = next.value
    const end = chunk.indexOf(NEWLINE)
    chunks.push(end < 0 ? chunk : chunk.subarray(0, end))
    length += chunk.length
    if (end >= 0) {
      const begun = chunk.subarray(end + 1)
      return { line: Buffer.concat(chunks).toString('utf8'), rest: Readable.from(rest(begun, iterator)) }
    }
    if (length > limit) throw tooLong(limit)
  }
  throw failure({
    code: 'BODY_INVALID',
    kind: 'invalidArgument',
    summary: 'Read the body: want a line, got none that ends',
  })
}

/** Raises BODY_INVALID. */
export function decodeJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw failure({
      code: 'BODY_INVALID',
      kind: 'invalidArgument',
      summary: `Read the body as JSON: ${error.message}`,
    })
  }
}

async function* rest(begun: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (begun.length > 0) yield begun
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
}

function tooLong(limit: number): Error {
  return failure({
    code: 'BODY_TOO_LARGE',
    kind: 'invalidArgument',
    summary: `Read the body: got a first line of more than ${limit} bytes`,
  })
}
