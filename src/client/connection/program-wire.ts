import type { ChildProcessByStdio } from 'node:child_process'
import { Duplex, type Readable, type Writable } from 'node:stream'
import { errnoOf, messageOf } from '../../diagnostics/index.ts'
import type { Wire } from '../http/wire.ts'

/** Of what a program says of its end, the last of it. */
const SAID_LIMIT = 4096

/** A connection through a program's standard input and output, which is ended with it. */
export class ProgramWire extends Duplex implements Wire {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #failed: (said: string) => Error
  #said = ''
  #isBegun = false
  #idle: { readonly milliseconds: number; timer: NodeJS.Timeout } | undefined

  /** `failed` makes the error of a program that has ended before it brought anything. */
  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, failed: (said: string) => Error) {
    super({ allowHalfOpen: true })
    this.#child = child
    this.#failed = failed
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString('utf8')).slice(-SAID_LIMIT)
    })
    child.once('error', error => this.destroy(this.#failed(reasonOf(error))))
    // Of a program that has gone it is its end that tells why.
    child.stdin.on('error', () => undefined)
    child.once('close', () => this.#closed())
  }

  setTimeout(milliseconds: number): this {
    clearTimeout(this.#idle?.timer)
    this.#idle = undefined
    if (milliseconds > 0) {
      const timer = setTimeout(() => this.emit('timeout'), milliseconds).unref()
      this.#idle = { milliseconds, timer }
    }
    return this
  }

  ref(): this {
    for (const handle of this.#handles()) handle.ref?.()
    return this
  }

  unref(): this {
    for (const handle of this.#handles()) handle.unref?.()
    return this
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#idle?.timer.refresh()
    this.#child.stdin.write(chunk, encoding, error => done(error && !this.#isBegun ? null : error))
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.setTimeout(0)
    this.#child.kill()
    done(error)
  }

  #take(chunk: Buffer): void {
    // That the program runs is no connection yet.
    if (!this.#isBegun) this.emit('connect')
    this.#isBegun = true
    this.#idle?.timer.refresh()
    if (!this.push(chunk)) this.#child.stdout.pause()
  }

  #closed(): void {
    if (this.destroyed) return
    if (this.#isBegun) this.push(null)
    else this.destroy(this.#failed(this.#said.trim()))
  }

  #handles(): readonly { ref?: () => void; unref?: () => void }[] {
    const { stdin, stdout, stderr } = this.#child
    return [this.#child, stdin, stdout, stderr] as readonly object[]
  }
}

function reasonOf(error: unknown): string {
  return errnoOf(error) === 'ENOENT' ? 'the program ssh is not installed' : messageOf(error)
}
