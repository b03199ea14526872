import { constants } from 'node:os'
import { Readable, Writable } from 'node:stream'
import { getSystemErrorMap } from 'node:util'
import type { Conversation } from './conversation.ts'
import type { FarKind, Size } from './request.ts'
import { KIND, numberAt, numbers, PAYLOAD } from './wire.ts'

/** Who opens a stream of Node's own for a process gives it this. */
const HIGH_WATER = 16_384
const READ_SIZE = 65_536

/** Standard output or standard error of the launcher, as far as a command sees it. */
export class FarOutput extends Writable {
  /** Undefined where it is no terminal, as on Node's streams. */
  readonly isTTY: true | undefined
  columns: number | undefined
  rows: number | undefined
  readonly fd: number
  readonly #conversation: Conversation
  readonly #stream: 0 | 1
  readonly #isFile: boolean
  readonly #counted = new WeakSet<Uint8Array>()
  #waiting: { rest: Uint8Array; counted: boolean; done: (error?: Error | null) => void } | undefined

  constructor(conversation: Conversation, stream: 0 | 1, kind: FarKind = 'pipe') {
    super({ highWaterMark: HIGH_WATER, decodeStrings: true, autoDestroy: false, emitClose: false })
    this.#conversation = conversation
    this.#stream = stream
    this.fd = stream + 1
    this.#isFile = kind === 'file'
    const terminal = typeof kind === 'string' ? undefined : kind
    this.isTTY = terminal && true
    this.columns = terminal?.columns
    this.rows = terminal?.rows
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#waiting = { rest: bytes, counted: this.#counted.has(bytes), done }
    this.#conversation.hold()
    this.onRoom()
  }

  /** As `write`, of bytes that whoever goes on with the command is told the number of. */
  writeCounted(bytes: Uint8Array): void {
    this.#counted.add(bytes)
    this.write(bytes)
  }

  /** Sends what may be sent. */
  onRoom(): void {
    while (this.#waiting !== undefined) {
      const { rest, counted, done } = this.#waiting
      const piece = rest.subarray(0, PAYLOAD)
      if (!this.#conversation.hasRoom(this.#stream, piece.length)) return
      if (piece.length > 0) this.#conversation.output(this.#stream, piece, counted)
      this.#waiting = { rest: rest.subarray(piece.length), counted, done }
      if (this.#waiting.rest.length > 0) continue
      this.#waiting = undefined
      this.#conversation.release()
      done()
    }
  }

  /** Nobody takes any more: as Node's streams do, it says so and goes on. */
  onLost(errno: number): void {
    this.emit('error', systemError('write', errno, this.#isFile))
  }

  onSize({ rows, columns }: Size): void {
    if (this.isTTY === undefined || (rows === this.rows && columns === this.columns)) return
    this.rows = rows
    this.columns = columns
    this.emit('resize')
  }

  /** What was written to it and is not sent, when the thread ends. */
  get unsent(): Uint8Array[] {
    const { writableBuffer } = this as unknown as { writableBuffer: readonly { chunk: Uint8Array }[] }
    return [
      ...(this.#waiting === undefined ? [] : [this.#waiting.rest]),
      ...writableBuffer.map(({ chunk }) => chunk),
    ]
  }
}

/** Standard input of the launcher, which is read no further than the command asks for. */
export class FarInput extends Readable {
  readonly isTTY: true | undefined
  isRaw = false
  readonly fd = 0
  readonly #conversation: Conversation
  readonly #isFile: boolean
  #wants = false
  #isHolding = false

  constructor(conversation: Conversation, kind: FarKind = 'pipe') {
    super({ highWaterMark: READ_SIZE })
    this.#conversation = conversation
    this.#isFile = kind === 'file'
    this.isTTY = typeof kind === 'string' ? undefined : true
    conversation.on(KIND.input, bytes => this.#take(bytes.length === 0 ? null : bytes))
    conversation.on(KIND.inputFailed, payload => this.#fail(numberAt(payload, 0)))
    this.on('pause', () => this.#update()).on('resume', () => this.#update())
  }

  override _read(): void {
    if (this.#wants) return
    this.#wants = true
    this.#conversation.want(READ_SIZE)
    this.#update()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#update(true)
    done(error)
  }

  /** Single keys; a stream that is no terminal has no such method on Node's either, and nobody asks it. */
  setRawMode(on: boolean): this {
    this.isRaw = on
    this.#conversation.send(KIND.raw, numbers(on ? 1 : 0))
    return this
  }

  #take(bytes: Buffer | null): void {
    this.#wants = false
    this.#update()
    this.push(bytes)
  }

  #fail(errno: number): void {
    this.#wants = false
    // To Node a folder is an input with nothing in it.
    if (errno === constants.errno.EISDIR) return void this.push(null)
    this.destroy(systemError('read', errno, this.#isFile))
  }

  /** Whoever waits for input keeps the command alive, but not while it is paused. */
  #update(isOver = this.destroyed): void {
    const holds = this.#wants && !this.isPaused() && !isOver
    if (holds === this.#isHolding) return
    this.#isHolding = holds
    if (holds) this.#conversation.hold()
    else this.#conversation.release()
  }
}

/** The error that Node makes of it, which words it by what it reads or writes. */
function systemError(syscall: string, number: number, isFile: boolean): NodeJS.ErrnoException {
  const [code, meaning] = getSystemErrorMap().get(-number) ?? [String(number), 'unknown error']
  const message = isFile ? `${code}: ${meaning}, ${syscall}` : `${syscall} ${code}`
  return Object.assign(new Error(message), { errno: -number, code, syscall })
}
