import type { LogStream } from './output-stream.ts'

/** Where the output of many containers goes; each is known by its name. */
export interface LogSink {
  /** Names a container before its first line. */
  register(name: string): void
  /** Bytes of one stream of one container, cut anywhere. */
  write(name: string, stream: LogStream, bytes: Buffer): void
  /** Whole lines, without their newlines. */
  lines(name: string, stream: LogStream, lines: readonly string[]): void
  /** Forgets the beginning of a line whose rest will not come: it comes again whole. */
  forget(name: string): void
  /** A container ended: what it wrote without a last newline is a line, too. */
  end(name: string): void
  /** What happened to a container: `exited with code 0`. */
  status(name: string, message: string): void
  /** Resolves when more can be taken; undefined while it can. */
  room(): Promise<void> | undefined
}
