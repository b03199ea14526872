import type { IncomingHttpHeaders } from 'node:http'
import { type Duplex, Readable } from 'node:stream'
import { failure } from '../../diagnostics/index.ts'
import type { HoldableBody, NextBytes } from '../types/index.ts'
import { ChunkedCoding } from './chunked-coding.ts'
import { handleOf, openSocket } from './head-read.ts'

/** Takes a body apart from what follows it. */
interface Coding {
  /** The bytes of the body among those that came, and what is left behind its end; undefined while that has not come. */
  take(bytes: Buffer): { readonly body: readonly Buffer[]; readonly rest: Buffer | undefined }
  /** What comes next; undefined where that cannot be told. */
  get next(): NextBytes | undefined
  set next(next: NextBytes)
}

/** The body of a request whose connection Node has let go of; what comes after it is stdin and stays on the connection. */
export class UpgradeBody extends Readable {
  readonly #socket: Duplex
  readonly #coding: Coding
  /** From the beginning: what comes behind the body is for somebody who may read none of it. */
  #isWanted = true
  #isOver = false

  constructor(socket: Duplex, headers: IncomingHttpHeaders) {
    super({ highWaterMark: 256 * 1024 })
    const isChunked = /\bchunked\s*$/i.test(headers['transfer-encoding'] ?? '')
    this.#socket = socket
    this.#coding = isChunked ? new ChunkedCoding() : new KnownLength(Number(headers['content-length'] ?? 0))
    // Who reads the body hears of it by reading; when nobody does, it is nobody's error.
    this.on('error', () => undefined)
    socket.on('readable', this.#take).on('end', this.#cut).on('close', this.#cut)
    // A body of no bytes is whole before anything comes.
    if (!isChunked) this.#push(Buffer.alloc(0))
    this.#take()
  }

  /** There where the connection has a descriptor. */
  get holdable(): HoldableBody | undefined {
    const handle = handleOf(this.#socket)
    if (handle === undefined) return undefined
    let isHeld = false
    const readOn = (): void => {
      if (isHeld && this.#has(handle)) handle.readStart()
      isHeld = false
    }
    return {
      connection: openSocket(handle.fd),
      hold: () => {
        if (!this.#has(handle)) return undefined
        handle.readStop()
        // Node believes that it reads, and begins nothing.
        handle.reading = true
        isHeld = true
        const next = this.#drained()
        // What waits to be taken comes first, with nothing more behind it: a quick client is always ahead of who takes.
        if (next === undefined && this.readableLength === 0) readOn()
        return next
      },
      readOn,
      goOn: taken => {
        readOn()
        if (taken === undefined) return this.#cut()
        this.#coding.next = taken.next
        this.#push(Buffer.alloc(0))
      },
    }
  }

  override _read(): void {
    this.#isWanted = true
    this.#take()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#detach()
    done(error)
  }

  /** Takes all that was read: what comes next, where nobody has anything of it to take. */
  #drained(): NextBytes | undefined {
    this.#isWanted = true
    for (let bytes = this.#read(); bytes !== null; bytes = this.#read()) this.#push(bytes)
    const isEmpty = !this.#isOver && this.readableLength === 0 && this.#socket.readableLength === 0
    return isEmpty ? this.#coding.next : undefined
  }

  /** Not after it was closed. */
  #has(handle: object): boolean {
    return handleOf(this.#socket) === handle
  }

  #read(): Buffer | null {
    return this.#isOver ? null : this.#socket.read()
  }

  readonly #take = (): void => {
    while (this.#isWanted) {
      const bytes = this.#read()
      if (bytes === null) return
      this.#push(bytes)
    }
  }

  #push(bytes: Buffer): void {
    try {
      const { body, rest } = this.#coding.take(bytes)
      for (const part of body) if (part.length > 0) this.#isWanted = this.push(part)
      if (rest === undefined) return
      this.#detach()
      if (rest.length > 0) this.#socket.unshift(rest)
      this.push(null)
    } catch (error) {
      this.destroy(error instanceof Error ? error : brokenOff())
    }
  }

  readonly #cut = (): void => {
    this.destroy(brokenOff())
  }

  #detach(): void {
    this.#isOver = true
    this.#socket.off('readable', this.#take).off('end', this.#cut).off('close', this.#cut)
  }
}

class KnownLength implements Coding {
  #missing: number

  constructor(length: number) {
    this.#missing = length
  }

  get next(): NextBytes {
    return { kind: 'bytes', left: this.#missing }
  }

  set next({ left }: NextBytes) {
    this.#missing = left
  }

  take(bytes: Buffer): { readonly body: readonly Buffer[]; readonly rest: Buffer | undefined } {
    const part = bytes.subarray(0, this.#missing)
    this.#missing -= part.length
    return { body: [part], rest: this.#missing === 0 ? bytes.subarray(part.length) : undefined }
  }
}

function brokenOff(): Error {
  const summary = 'Read the body: the connection ended before it did'
  return failure({ code: 'BODY_CUT_OFF', kind: 'invalidArgument', summary })
}
