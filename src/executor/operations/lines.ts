import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { BuildTrace } from '../../api/types/index.ts'
import { ConnectionLost, errorOf, jsonLines } from '../../client/index.ts'
import { failure } from '../../diagnostics/index.ts'

/** The fields of a progress line that are read here; the engine may send more. */
export interface ProgressLine {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly tscompose?: { readonly milliseconds?: number; readonly trace?: BuildTrace }
  readonly aux?: { readonly ID?: string; readonly Digest?: string }
}

/** What the client calls an error line of an engine that sends a message alone. */
const BARE_MESSAGE = 'ENGINE_PROGRESS'

/**
 * Reads the progress of a pull, push or build to its end, line by line. An error line is thrown: as what our engine says of it,
 * or, from other engines, as a Failure of this code with the message.
 */
export async function followLines(
  stream: Readable,
  code: string,
  what: string,
  onLine: (line: ProgressLine) => void,
): Promise<void> {
  try {
    for await (const line of jsonLines(stream)) {
      const error = errorOf(line)
      if (error === undefined) onLine(line)
      else if (error.code !== BARE_MESSAGE) throw error
      else throw failure({ code, summary: `${what}: ${error.message}`, cause: error })
    }
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error
    const summary = `${what}: the connection to the engine broke off`
    throw failure({
      code: 'ENGINE_UNREACHABLE',
      kind: 'unavailable',
      summary,
      hint: 'try again',
      cause: error,
    })
  }
}

/** A stream of text as lines, without their ends; the last one even if it is not ended. */
export async function* linesOf(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const parts = (rest + decoder.write(chunk as Buffer)).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  rest += decoder.end()
  if (rest !== '') yield rest
}
