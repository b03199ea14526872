import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { failure } from '../../diagnostics/index.ts'

/** A value longer than this is no progress line. */
const LINE_LIMIT = 16 * 1024 * 1024

/** Takes a stream of JSON lines apart, cut anywhere. Its methods throw `PROGRESS_MALFORMED` for a line that is none. */
export class LineReader {
  readonly #decoder = new StringDecoder('utf8')
  #rest = '';

  /** The values that are whole by now. */
  *push(chunk: Buffer | string): Generator<object> {
    const text = typeof chunk === 'string' ? chunk : this.#decoder.write(chunk)
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    if (this.#rest.length > LINE_LIMIT) throw malformed(this.#rest)
    for (const line of lines) if (line.trim() !== '') yield parseLine(line)
  }

  /** The last value, where its line has no end. */
  *end(): Generator<object> {
    const rest = this.#rest
    this.#rest = ''
    if (rest.trim() !== '') yield parseLine(rest)
  }
}

/** The values of a stream of JSON lines. Throws `PROGRESS_MALFORMED` for a line that is none. */
export async function* jsonLines(stream: Readable): AsyncGenerator<object> {
  const lines = new LineReader()
  for await (const chunk of stream) yield* lines.push(chunk)
  yield* lines.end()
}

function parseLine(line: string): object {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw malformed(line)
}

function malformed(line: string): Error {
  const got = line.length > 80 ? `${line.slice(0, 80)}…` : line
  return failure({
    code: 'PROGRESS_MALFORMED',
    summary: `Read a progress line: got "${got}", want a JSON object`,
  })
}
