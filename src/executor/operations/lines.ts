import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { failure } from '../../diagnostics/index.ts'

/** The fields of a progress line that are read here; the engine may send more. */
export interface ProgressLine {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly error?: string
  readonly errorDetail?: { readonly message?: string; readonly code?: number }
  readonly aux?: { readonly ID?: string }
  readonly diagnostics?: unknown
}

/** A stream of text as lines, without their ends; the last one even if it is not ended. */
export async function* linesOf(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const parts = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk as Buffer))).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  rest += decoder.end()
  if (rest !== '') yield rest
}

/** Reads the progress of a pull or build to its end, line by line; an error line becomes a Failure of this code. */
export async function followLines(
  stream: Readable,
  code: string,
  what: string,
  onLine: (line: ProgressLine) => void,
): Promise<void> {
  for await (const text of linesOf(stream)) {
    if (text.trim() === '') continue
    const line = parse(text, what)
    const message = line.errorDetail?.message ?? line.error
    if (message !== undefined) {
      stream.destroy()
      throw failure({ code, summary: `${what}: ${message}` })
    }
    onLine(line)
  }
}

function parse(text: string, what: string): ProgressLine {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw failure({
    code: 'PROGRESS_MALFORMED',
    summary: `${what}: the engine sent a line that is no JSON object: ${text.slice(0, 80)}`,
  })
}
