import { Failure, failure } from '../../diagnostics/index.ts'
import { diagnosticsOf, field } from './engine-failure.ts'
import { LineReader } from './json-lines.ts'

/** What becomes of a value: the events to tell of. */
export type DecodeProgress = (value: object) => readonly object[]

/**
 * See `Modem.followProgress`. What the engine says of a failure is one of the values, as docker-modem has it (`errorOf` finds it). A
 * line that is no JSON is an error, where docker-modem throws on nobody's stack.
 */
export function followProgress(
  stream: NodeJS.ReadableStream,
  onFinished: (error: Error | null, output: object[]) => void,
  onProgress?: (event: object) => void,
  decode: DecodeProgress = value => [value],
): void {
  const output: object[] = []
  const lines = new LineReader()
  const finish = (error: Error | null): void => {
    stream.off('data', take).off('end', end).off('close', end).off('error', finish)
    // A stream that goes on to fail has told what there is to tell.
    stream.on('error', () => undefined)
    onFinished(error, output)
  }
  const tell = (values: Generator<object>): boolean => {
    const { events, error } = readAll(values, decode)
    for (const event of events) {
      output.push(event)
      onProgress?.(event)
    }
    if (error !== undefined) finish(error)
    return error === undefined
  }
  const take = (chunk: Buffer | string): void => void tell(lines.push(chunk))
  const end = (): void => {
    if (tell(lines.end())) finish(null)
  }
  stream.on('data', take).on('end', end).on('close', end).on('error', finish)
}

/** Apart from what is done with them: what a listener throws is no fault of the stream's. */
function readAll(values: Generator<object>, decode: DecodeProgress): { events: object[]; error?: Error } {
  const events: object[] = []
  try {
    for (const value of values) events.push(...decode(value))
    return { events }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { events, error }
  }
}

/** The failure that a progress line reports, if it does. */
export function errorOf(event: object): Failure | undefined {
  const message = field(field(event, 'errorDetail'), 'message') ?? field(event, 'error')
  if (typeof message !== 'string') return undefined
  const diagnostics = diagnosticsOf(event)
  if (diagnostics !== undefined) return new Failure('internal', diagnostics)
  return failure({ code: 'ENGINE_PROGRESS', summary: message })
}
