import type { Readable } from 'node:stream'
import { frameDecoder } from '../../api/framing.ts'

/**
 * Takes framed output apart: what the process wrote goes to `stdout` and `stderr`, which are not ended. A full writer
 * pauses the stream. Framing that is broken destroys it with the `Failure`.
 */
export function demuxStream(
  stream: Readable,
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
  const decode = frameDecoder((name, bytes) => pass(name === 'stderr' ? stderr : stdout, bytes))
  stream.on('data', (chunk: Buffer) => {
    try {
      decode(chunk)
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

/** The text of a log that came as a whole: raw for a terminal, otherwise both streams' frames. Framing that is broken is a `Failure`. */
export function outputText(log: Uint8Array, isTerminal: boolean): string {
  if (isTerminal) return Buffer.from(log).toString('utf8')
  const parts: Uint8Array[] = []
  frameDecoder((_stream, bytes) => parts.push(bytes))(log)
  return Buffer.concat(parts).toString('utf8')
}
