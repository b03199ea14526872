import type { Head } from './head.ts'
import { protocolFailure } from './protocol-failure.ts'

/** Takes the body of an answer out of the bytes that follow its head (RFC 9112 §6.3, §7.1). */
export interface BodyReader {
  /** The parts of the body in the next bytes. Raises ENGINE_PROTOCOL. */
  push(bytes: Buffer): readonly Buffer[]
  /** The body is whole. */
  readonly isDone: boolean
  /** The body is whole if the connection ends here. */
  readonly mayEnd: boolean
}

/** The reader for the answer to a request of this method. */
export function bodyReader(method: string, { status, headers }: Head): BodyReader {
  if (method === 'HEAD' || status === 204 || status === 304) return new LengthReader(0)
  if (/\bchunked$/i.test(headers['transfer-encoding'] ?? '')) return new ChunkReader()
  const length = headers['content-length']
  if (length === undefined) return new RestReader()
  if (!/^\d+$/.test(length)) throw protocolFailure(`Content-Length: ${JSON.stringify(length)}`)
  return new LengthReader(Number(length))
}

class LengthReader implements BodyReader {
  #missing: number

  constructor(length: number) {
    this.#missing = length
  }

  get isDone(): boolean {
    return this.#missing === 0
  }

  get mayEnd(): boolean {
    return this.isDone
  }

  push(bytes: Buffer): readonly Buffer[] {
    if (bytes.length > this.#missing) throw protocolFailure('bytes behind the end of an answer')
    this.#missing -= bytes.length
    return bytes.length === 0 ? [] : [bytes]
  }
}

/** Without a length: all that comes until the connection ends. */
class RestReader implements BodyReader {
  readonly isDone = false
  readonly mayEnd = true

  push(bytes: Buffer): readonly Buffer[] {
    return bytes.length === 0 ? [] : [bytes]
  }
}

/** A line of a chunk's size or of a trailer field; sizes are short. */
const LONGEST_LINE = 4096

class ChunkReader implements BodyReader {
  isDone = false
  readonly mayEnd = false
  /** What stands next: the line of a chunk's size, its bytes, the line end behind them, or the trailer's lines. */
  #next: 'size' | 'bytes' | 'line end' | 'trailer' = 'size'
  #missing = 0
  /** The beginning of a line whose end has not come. */
  #begun = ''

  push(bytes: Buffer): readonly Buffer[] {
    const parts: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      if (this.isDone) throw protocolFailure('bytes behind the end of an answer')
      if (this.#next === 'bytes') {
        const part = bytes.subarray(at, at + this.#missing)
        parts.push(part)
        at += part.length
        this.#missing -= part.length
        if (this.#missing === 0) this.#next = 'line end'
      } else at = this.#readLine(bytes, at)
    }
    return parts
  }

  /** Reads up to the end of the line, and returns where to go on. */
  #readLine(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(0x0a, from)
    this.#begun += bytes.toString('latin1', from, end < 0 ? bytes.length : end)
    if (this.#begun.length > LONGEST_LINE) throw protocolFailure('a chunk with a line that is too long')
    if (end < 0) return bytes.length
    const line = this.#begun.replace(/\r$/, '')
    this.#begun = ''
    this.#takeLine(line)
    return end + 1
  }

  #takeLine(line: string): void {
    if (this.#next === 'line end') {
      if (line !== '') throw protocolFailure('a chunk that is longer than its size')
      this.#next = 'size'
    } else if (this.#next === 'trailer') this.isDone = line === ''
    else {
      const [, size] = /^([0-9a-f]{1,12})(?:[;\s].*)?$/i.exec(line) ?? []
      if (size === undefined) throw protocolFailure(`${JSON.stringify(line.slice(0, 80))} for a chunk's size`)
      this.#missing = Number.parseInt(size, 16)
      this.#next = this.#missing === 0 ? 'trailer' : 'bytes'
    }
  }
}
