import { StringDecoder } from 'node:string_decoder'

const KEPT_LINES = 25
const KEPT_CHARACTERS = 8_000

/** Decodes a command's output as it comes and keeps its last lines for the failure. */
export class OutputTail {
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
  #tail = ''

  /** The text of a chunk; a character cut in two comes with the next one. */
  add(stream: 'stdout' | 'stderr', chunk: Uint8Array): string {
    const text = this.#decoders[stream].write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#tail = `${this.#tail}${text}`.slice(-KEPT_CHARACTERS)
    return text
  }

  /** The last lines. */
  last(): string {
    return this.#tail.trimEnd().split('\n').slice(-KEPT_LINES).join('\n')
  }
}
