import type { LogStream } from './output-stream.ts'

/** How much of a container's output has been passed on, so that what is read again from its beginning goes on where that broke off. */
export class ByteCount {
  readonly #passed: Record<LogStream, number>
  #skip: Record<LogStream, number> = { stdout: 0, stderr: 0 }

  /** `passed`: what others have passed on before. */
  constructor(passed: Readonly<Record<LogStream, number>> = { stdout: 0, stderr: 0 }) {
    this.#passed = { ...passed }
  }

  /** What comes next begins with the first byte again. */
  again(): void {
    this.#skip = { ...this.#passed }
  }

  /** What of these bytes has not been passed on. */
  take(stream: LogStream, bytes: Buffer): Buffer {
    const skipped = Math.min(this.#skip[stream], bytes.length)
    this.#skip[stream] -= skipped
    const fresh = bytes.subarray(skipped)
    this.#passed[stream] += fresh.length
    return fresh
  }
}
