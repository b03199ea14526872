import type { Readable } from 'node:stream'
import { frameDecoder } from '../../api/framing.ts'

export type LogStream = 'stdout' | 'stderr'

/** Where output goes; a stream of Node's, or what a test has in its place. */
export interface OutputSink {
  readonly isTTY?: boolean
  readonly writableNeedDrain?: boolean
  write(text: string): unknown
  once?(event: 'drain', listener: () => void): unknown
}

/** Resolves when all of these take more; undefined while they do. */
export function roomIn(sinks: readonly OutputSink[]): Promise<void> | undefined {
  const full = sinks.filter(sink => sink.writableNeedDrain === true)
  if (full.length === 0) return undefined
  const drained = full.map(sink => new Promise<void>(resolve => sink.once?.('drain', resolve)))
  return Promise.all(drained).then(() => undefined)
}

/**
 * Reads a container's output: raw for a terminal, otherwise in frames (Engine API, "attach"). While `room` has a promise
 * the stream waits, and so does the container in the end. A stream that cannot be read, or that the engine ends with an
 * error (STREAM_ERROR), is destroyed with the `Failure`. `isFrame`: a frame begins with these bytes. `onTold`: of a stream in which
 * more is told than output.
 */
export function readOutput(
  stream: Readable,
  tty: boolean,
  onOutput: (kind: LogStream, bytes: Buffer, isFrame: boolean) => void,
  room: () => Promise<void> | undefined,
  onTold?: (value: object) => void,
): void {
  let isFrame = true
  const take = tty
    ? (bytes: Buffer) => onOutput('stdout', bytes, false)
    : frameDecoder((kind, { buffer, byteOffset, length }, isEnd) => {
        onOutput(kind, Buffer.from(buffer, byteOffset, length), isFrame)
        isFrame = isEnd
      }, onTold)
  stream.on('data', (bytes: Buffer) => {
    try {
      take(bytes)
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)))
      return
    }
    const full = room()
    if (full === undefined) return
    stream.pause()
    void full.then(() => stream.resume())
  })
}
