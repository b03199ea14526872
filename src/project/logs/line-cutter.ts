import { StringDecoder } from 'node:string_decoder'

/** Cuts the bytes of one stream, which come in any pieces, into lines. What a long line costs grows with its length alone. */
export class LineCutter {
  readonly #decoder = new StringDecoder('utf8')
  #parts: string[] = []
  #length = 0

  /** Characters of a line whose end has not come. */
  get length(): number {
    return this.#length
  }

  /** The lines that these bytes end, without their newlines. */
  push(bytes: Buffer): string[] {
    const [first = '', ...others] = this.#decoder.write(bytes).split('\n')
    this.#append(first)
    const last = others.pop()
    if (last === undefined) return []
    const lines = [this.take(), ...others]
    this.#append(last)
    return lines
  }

  /** What has come of a line; its rest is another one. */
  take(): string {
    const line = this.#parts.join('')
    this.#parts = []
    this.#length = 0
    return line
  }

  /** Nothing comes any more: a last line without an end, which may be empty. */
  end(): string {
    this.#append(this.#decoder.end())
    return this.take()
  }

  #append(text: string): void {
    if (text === '') return
    this.#parts.push(text)
    this.#length += text.length
  }
}
