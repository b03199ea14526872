import { frameDecoder, HEADER_SIZE } from '../../api/framing.ts'

/** A stream that may be one of another library: what is needed of it. */
type Source = NodeJS.ReadableStream & { destroy?: (error: Error) => void }

/**
 * Takes framed output apart: what the process wrote goes to `stdout` and `stderr`, which are not ended. A full writer
 * pauses the stream. What does not begin as a frame is a terminal's, and goes to `stdout` as it is; framing that breaks later destroys
 * the stream with the `Failure`.
 */
export function demuxStream(
  stream: Source,
  stdout: NodeJS.WritableStream,
  stderr: NodeJS.WritableStream,
): void {
  let waiting = 0
  const resume = (): void => {
    waiting -= 1
    if (waiting === 0) stream.resume()
  }
  const pass = (target: NodeJS.WritableStream, bytes: Uint8Array): void => {
    if (target.write(bytes) || waiting > 0) return
    waiting += 1
    stream.pause()
    target.once('drain', resume)
  }
  const take = deciding(
    frameDecoder((name, bytes) => pass(name === 'stderr' ? stderr : stdout, bytes)),
    bytes => pass(stdout, bytes),
  )
  stream.on('data', (chunk: Buffer) => {
    try {
      take(chunk)
    } catch (error) {
      stream.destroy?.(error instanceof Error ? error : new Error(String(error)))
    }
  })
  // Less than a header was no frame.
  stream.once('end', () => take(undefined))
}

/** Hands all on to one of two, as the first bytes say; undefined is the end. */
function deciding(
  framed: (bytes: Uint8Array) => void,
  raw: (bytes: Uint8Array) => void,
): (chunk: Uint8Array | undefined) => void {
  let begun = Buffer.alloc(0)
  let chosen: ((bytes: Uint8Array) => void) | undefined
  return chunk => {
    if (chosen !== undefined) return chunk && chosen(chunk)
    begun = Buffer.concat([begun, chunk ?? Buffer.alloc(0)])
    if (begun.length < HEADER_SIZE && chunk !== undefined && isHeader(begun)) return
    chosen = begun.length >= HEADER_SIZE && isHeader(begun) ? framed : raw
    if (begun.length > 0) chosen(begun)
  }
}

/** One of the four streams, and three zeroes: of a header that has not come whole, what has. */
function isHeader(bytes: Buffer): boolean {
  return (bytes[0] ?? 0) <= 3 && [1, 2, 3].every(at => (bytes[at] ?? 0) === 0)
}

/** The text of a log that came as a whole: raw for a terminal, otherwise both streams' frames. Framing that is broken is a `Failure`. */
export function outputText(log: Uint8Array, isTerminal: boolean): string {
  if (isTerminal) return Buffer.from(log).toString('utf8')
  const parts: Uint8Array[] = []
  frameDecoder((_stream, bytes) => parts.push(bytes))(log)
  return Buffer.concat(parts).toString('utf8')
}
