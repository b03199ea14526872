import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { Failure, failure } from '../../diagnostics/index.ts'
import { diagnosticsOf, field } from './engine-failure.ts'

/** A value longer than this is no progress line. */
const LINE_LIMIT = 16 * 1024 * 1024

/** The values of a stream of JSON lines. Throws `PROGRESS_MALFORMED` for a line that is none. */
export async function* jsonLines(stream: Readable): AsyncGenerator<object> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_LIMIT) throw malformed(rest)
    for (const line of lines) if (line.trim() !== '') yield parseLine(line)
  }
  if (rest.trim() !== '') yield parseLine(rest)
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

/** See `Modem.followProgress`. */
export function followProgress(
  stream: Readable,
  onFinished: (error: Error | null, output: object[]) => void,
  onProgress?: (event: object) => void,
): void {
  const output: object[] = []
  const follow = async (): Promise<void> => {
    for await (const event of jsonLines(stream)) {
      output.push(event)
      const error = errorOf(event)
      if (error !== undefined) throw error
      onProgress?.(event)
    }
  }
  follow().then(
    () => process.nextTick(onFinished, null, output),
    error => process.nextTick(onFinished, error, output),
  )
}

/** The failure that a progress line reports, if it does. */
export function errorOf(event: object): Failure | undefined {
  const message = field(field(event, 'errorDetail'), 'message') ?? field(event, 'error')
  if (typeof message !== 'string') return undefined
  const diagnostics = diagnosticsOf(event)
  if (diagnostics !== undefined) return new Failure('internal', diagnostics)
  return failure({ code: 'ENGINE_PROGRESS', summary: message })
}
