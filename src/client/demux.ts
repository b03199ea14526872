import type { Readable } from 'node:stream'
import { frameDecoder } from '../api/framing.ts'

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
