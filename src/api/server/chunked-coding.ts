import { failure } from '../../diagnostics/index.ts'
import type { NextBytes } from '../types/index.ts'

/** Bytes of a line between chunks. */
const LONGEST_LINE = 4096

/** Takes a body in the chunked coding apart from what follows it (RFC 9112, 7.1). Extensions and trailers are passed over. */
export class ChunkedCoding {
  #state: 'size' | 'behind data' | 'trailer' = 'size'
  #line = ''
  #missing = 0

  /** As `Coding`: undefined within a line, and behind the last chunk. */
  get next(): NextBytes | undefined {
    if (this.#line !== '' || this.#state === 'trailer') return undefined
    return { kind: this.#state === 'size' ? 'size' : 'chunk', left: this.#missing }
  }

  set next({ kind, left }: NextBytes) {
    this.#state = kind === 'size' ? 'size' : 'behind data'
    this.#missing = left
  }

  /** As `Coding`. Throws `BODY_INVALID`. */
  take(bytes: Buffer): { readonly body: readonly Buffer[]; readonly rest: Buffer | undefined } {
    const body: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      if (this.#missing > 0) {
        const part = bytes.subarray(at, at + this.#missing)
        body.push(part)
        this.#missing -= part.length
        at += part.length
        continue
      }
      const newline = bytes.indexOf('\n', at)
      const end = newline < 0 ? bytes.length : newline + 1
      this.#line += bytes.toString('latin1', at, end)
      at = end
      if (this.#line.length > LONGEST_LINE) throw malformed('a line between its chunks is too long')
      if (newline >= 0 && this.#isLast()) return { body, rest: bytes.subarray(at) }
    }
    return { body, rest: undefined }
  }

  /** Acts on a line that is whole: whether it is the last of all. */
  #isLast(): boolean {
    const line = this.#line.trim()
    this.#line = ''
    switch (this.#state) {
      case 'size': {
        const digits = /^([0-9a-f]{1,8})\s*(?:;.*)?$/i.exec(line)?.[1]
        if (digits === undefined) throw malformed(`"${line}" is no size of a chunk`)
        this.#missing = Number.parseInt(digits, 16)
        this.#state = this.#missing === 0 ? 'trailer' : 'behind data'
        return false
      }
      case 'behind data':
        if (line !== '') throw malformed('a chunk is longer than its size')
        this.#state = 'size'
        return false
      case 'trailer':
        return line === ''
    }
  }
}

function malformed(detail: string): Error {
  return failure({
    code: 'BODY_INVALID',
    kind: 'invalidArgument',
    summary: 'Read the chunks of the body',
    detail,
  })
}
