import type { Socket } from 'node:net'
import { frame, IF_LOST, KIND, numbers, PAYLOAD, WINDOW } from './wire.ts'

/** Bytes of a stream that the launcher has not said to be written. */
interface Unwritten {
  readonly stream: 0 | 1
  /** Of the first of them, counted from the stream's begin. */
  readonly offset: number
  readonly bytes: Uint8Array
}

/** What the engine passes on for a worker that has ended in the middle of it. */
export interface Tail {
  readonly pieces: readonly Unwritten[]
}

type Listener = (payload: Buffer) => void

/**
 * A worker's end of the talk with the launcher. The thread lives while somebody holds the talk: a stream that has something to send or
 * wants input.
 */
export class Conversation {
  readonly #socket: Socket
  readonly #listeners = new Map<number, Listener>()
  readonly #sent: [number, number] = [0, 0]
  readonly #unsaid: [number, number] = [0, 0]
  readonly #unwritten: Unwritten[] = []
  /** Bytes of one stream that follow each other, for one frame. */
  #gathered: { readonly kind: number; readonly parts: Uint8Array[]; length: number } | undefined
  #holders = 0
  #ifLost: keyof typeof IF_LOST | undefined
  #hasAsked = false

  constructor(socket: Socket) {
    this.#socket = socket.unref()
    // Its end is all that matters: whoever typed the command has gone.
    socket.on('error', () => undefined)
  }

  /** Takes what the launcher has sent. */
  take(kind: number, payload: Buffer): void {
    this.#listeners.get(kind)?.(payload)
  }

  on(kind: number, listener: Listener): void {
    this.#listeners.set(kind, listener)
  }

  /**
   * Says what the launcher does from now on where this process is lost; `words`: what to tell whoever typed the command, or how to go on,
   * 1 KiB at most. From the first time on the command is being run here.
   */
  ifLost(what: keyof typeof IF_LOST, words = ''): void {
    this.#ifLost = what
    this.send(KIND.begun, numbers(IF_LOST[what]), Buffer.from(words))
  }

  /** What is written or read before anything was said: by a command that does nothing else yet. */
  begin(): void {
    if (this.#ifLost === undefined) this.ifLost('looks')
  }

  /** Asks for so many bytes of input. */
  want(count: number): void {
    this.begin()
    this.#hasAsked = true
    this.send(KIND.want, numbers(count))
  }

  /** Whether the launcher may begin the command anew, as it would were this process lost; `hasConnected`: it may have had an engine do something. */
  mayBeBegunAnew(hasConnected: boolean): boolean {
    const [out, error] = this.#sent
    if (this.#hasAsked || out > 0) return false
    return (
      this.#ifLost === 'again' ||
      (error === 0 && (this.#ifLost !== 'tell' || !hasConnected) && this.#ifLost !== 'go on')
    )
  }

  send(kind: number, ...parts: readonly Uint8Array[]): void {
    this.#sendGathered()
    if (!this.#socket.destroyed) this.#socket.write(frame(kind, ...parts))
  }

  /** Whether so many bytes more may be sent. */
  hasRoom(stream: 0 | 1, length: number): boolean {
    return this.#unsaid[stream] + length <= WINDOW
  }

  /** Sends bytes of a stream, as many as a frame has room for at most; `counted`: whoever goes on with the command is told how many came. */
  output(stream: 0 | 1, bytes: Uint8Array, counted: boolean): void {
    if (bytes.length > PAYLOAD) throw new RangeError(`${bytes.length} bytes in one frame`)
    this.begin()
    this.#unwritten.push({ stream, offset: this.#sent[stream], bytes })
    this.#sent[stream] += bytes.length
    this.#unsaid[stream] += bytes.length
    this.#gather((counted ? KIND.counted : KIND.output) + stream, bytes)
  }

  /** What a command writes in one turn, a line for each of a hundred containers, goes in one piece, unless something else is said in between. */
  #gather(kind: number, bytes: Uint8Array): void {
    const gathered = this.#gathered
    if (gathered?.kind === kind && gathered.length + bytes.length <= PAYLOAD) {
      gathered.parts.push(bytes)
      gathered.length += bytes.length
      return
    }
    this.#sendGathered()
    this.#gathered = { kind, parts: [bytes], length: bytes.length }
    process.nextTick(this.#sendGathered)
  }

  readonly #sendGathered = (): void => {
    const gathered = this.#gathered
    this.#gathered = undefined
    if (gathered !== undefined) this.send(gathered.kind, ...gathered.parts)
  }

  /** The launcher has written so many more bytes of a stream, or nobody takes them any more. */
  written(stream: 0 | 1, count: number): void {
    this.#unsaid[stream] -= count
    const until = this.#sent[stream] - this.#unsaid[stream]
    for (let index = 0; index < this.#unwritten.length; ) {
      const { stream: of, offset, bytes } = this.#unwritten[index] as Unwritten
      if (of !== stream) index += 1
      else if (offset + bytes.length <= until) this.#unwritten.splice(index, 1)
      else return
    }
  }

  /** Bytes of a stream that are sent and not written. */
  unsaid(stream: 0 | 1): number {
    return this.#unsaid[stream]
  }

  /** What is sent and not known to be written, for whoever sends it again where the socket is lost with this thread. */
  tail(more: readonly Omit<Unwritten, 'offset'>[]): Tail {
    const sent = [...this.#sent]
    const waiting = more.map(({ stream, bytes }) => {
      const offset = sent[stream] ?? 0
      sent[stream] = offset + bytes.length
      return { stream, offset, bytes }
    })
    return { pieces: [...this.#unwritten, ...waiting] }
  }

  /** Keeps the thread alive until `release`. */
  hold(): void {
    this.#holders += 1
    if (this.#holders === 1) this.#socket.ref()
  }

  release(): void {
    this.#holders -= 1
    if (this.#holders === 0) this.#socket.unref()
  }
}
