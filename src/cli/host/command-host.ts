import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { messageOf } from '../../diagnostics/index.ts'
import { returnTicketsOf } from '../../project/thread-tickets.ts'
import type { Tail } from './conversation.ts'
import { mayLook } from './looks.ts'
import { isSame, ownSurroundings, SURROUNDINGS, type Surroundings } from './surroundings.ts'
import { frame, frameReader, KIND, numbers, PAYLOAD, textsOf, WIRE_VERSION } from './wire.ts'

export interface CommandHostOptions {
  /** bin/start.cjs, which runs the code of workers, too. */
  readonly script: string
  /** Of this engine: launchers of other builds run their commands by themselves. */
  readonly build: string
  readonly root: string
  readonly run: string
  readonly onTrouble: (text: string) => void
}

/** Commands at once; whoever comes beyond starts a process of its own. */
const MOST = 8

/** Milliseconds without a command until the worker that waits for the next one is let go of. */
const IDLE = 120_000

/** Milliseconds between a command's begin and the start of the next worker, which would take its processor. */
const REFILL = 150

/** A thread with the code of commands. */
interface Hand {
  readonly worker: Worker
  readonly path: string
  /** Resolves when it listens; false: it has ended. */
  readonly ready: Promise<boolean>
  client?: Socket
  tail?: Tail
  trouble?: string
}

/**
 * Runs commands of launchers, each in a worker of this process that nobody has used before. A worker that fails, hangs or fills its
 * heap ends alone. One more waits for the next command; the first launcher has the first one started.
 */
export class CommandHost {
  readonly #options: CommandHostOptions
  readonly #server: Server
  #own: Surroundings | undefined
  readonly #hands = new Set<Hand>()
  #spare: Hand | undefined
  #clients = 0
  #count = 0
  #refill: NodeJS.Timeout | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(options: CommandHostOptions) {
    this.#options = options
    this.#server = createServer(socket => this.#welcome(socket))
  }

  /** Whether a command is being run, or is about to be. */
  get isBusy(): boolean {
    return this.#clients > 0
  }

  get #socket(): string {
    return join(this.#options.run, 'command.sock')
  }

  get #aside(): string {
    return join(this.#folder, 'host.sock')
  }

  get #folder(): string {
    return join(this.#options.run, 'commands')
  }

  /** Listens in RUN, at a socket that nobody but this user can open; where it cannot, or has no build, launchers find nobody. */
  async listen(): Promise<void> {
    if (this.#options.build === '') return
    try {
      for (const path of [this.#socket, this.#folder]) rmSync(path, { recursive: true, force: true })
      mkdirSync(this.#folder, { mode: 0o700 })
      await once(this.#server.listen(this.#aside), 'listening')
      // It gets its name when it has its mode.
      chmodSync(this.#aside, 0o600)
      this.show()
    } catch (error) {
      this.#options.onTrouble(`commands are not run by this engine: ${messageOf(error)}`)
    }
  }

  /** Nobody finds it until it is shown again: whoever comes runs his command by himself. */
  hide(): void {
    if (existsSync(this.#socket)) renameSync(this.#socket, this.#aside)
  }

  show(): void {
    if (existsSync(this.#aside)) renameSync(this.#aside, this.#socket)
  }

  /** Ends all workers. False: one hangs in a call of the kernel. */
  async close(within: number): Promise<boolean> {
    rmSync(this.#socket, { force: true })
    clearTimeout(this.#refill)
    clearTimeout(this.#idle)
    this.#server.close()
    const ended = Promise.all([...this.#hands].map(({ worker }) => worker.terminate())).then(() => true)
    const late = new Promise<boolean>(resolve => setTimeout(resolve, within, false))
    const isOver = await Promise.race([ended, late])
    rmSync(this.#folder, { recursive: true, force: true })
    return isOver
  }

  #welcome(client: Socket): void {
    this.#clients += 1
    client
      .on('error', () => undefined)
      .once('close', () => {
        this.#clients -= 1
      })
    const read = frameReader((kind, payload) => {
      if (kind === KIND.hello) void this.#answer(client, textsOf(payload))
    })
    client.on('data', bytes => {
      try {
        read(bytes)
      } catch (error) {
        this.#options.onTrouble(`a launcher: ${messageOf(error)}`)
        client.destroy()
      }
    })
  }

  async #answer(client: Socket, [version, build, wish, ...rest]: readonly string[]): Promise<void> {
    const words = rest.slice(SURROUNDINGS)
    this.#own ??= ownSurroundings()
    const isOurs = version === WIRE_VERSION && build === this.#options.build
    const isSameHere = isSame(this.#own, rest.slice(0, SURROUNDINGS))
    const hand = isOurs && isSameHere && (wish === 'all' || mayLook(words)) ? this.#take() : undefined
    if (hand === undefined) return void client.end(frame(KIND.cold))
    hand.client = client
    client.once('close', () => void hand.worker.terminate())
    if (!(await hand.ready)) return void client.end(frame(KIND.cold))
    client.write(frame(KIND.go, Buffer.from(`${hand.path}\0`)))
  }

  /** The worker that waits, or a new one; undefined where there are as many as may be. */
  #take(): Hand | undefined {
    const hand = this.#spare ?? (this.#hands.size < MOST ? this.#start() : undefined)
    this.#spare = undefined
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => void this.#letGo(), IDLE).unref()
    this.#refill ??= setTimeout(() => this.#prepare(), REFILL).unref()
    return hand
  }

  #prepare(): void {
    clearTimeout(this.#refill)
    this.#refill = undefined
    if (this.#spare === undefined && this.#hands.size < MOST) this.#spare = this.#start()
  }

  async #letGo(): Promise<void> {
    const hand = this.#spare
    this.#spare = undefined
    await hand?.worker.terminate()
  }

  #start(): Hand {
    const { script, root, run } = this.#options
    this.#count += 1
    const path = join(this.#folder, `${this.#count}.sock`)
    const worker = new Worker(script, { argv: ['command-worker'], workerData: { path, root, run } })
    const ready = new Promise<boolean>(resolve => {
      worker.once('message', () => resolve(true))
      worker.once('exit', () => resolve(false))
    })
    const hand: Hand = { worker, path, ready }
    const { threadId } = worker
    worker.on('message', (message: unknown) => {
      if (typeof message === 'object') hand.tail = message as Tail
    })
    worker.on('error', error => {
      hand.trouble = error.stack ?? messageOf(error)
      this.#options.onTrouble(`a command of a launcher: ${hand.trouble}`)
    })
    worker.once('exit', status => this.#bury(hand, threadId, status))
    this.#hands.add(hand)
    return hand
  }

  /** What it has left behind goes, its launcher hears how it ended, and the next one is started while nobody waits for it. */
  #bury(hand: Hand, threadId: number, status: number): void {
    this.#hands.delete(hand)
    if (this.#spare === hand) this.#spare = undefined
    returnTicketsOf(this.#options.run, threadId)
    rmSync(hand.path, { force: true })
    if (this.#refill !== undefined) this.#prepare()
    const { client, tail, trouble } = hand
    if (client === undefined || client.destroyed) return
    for (const { stream, offset, bytes } of tail?.pieces ?? [])
      sendTail(client, stream, offset, Buffer.from(bytes))
    if (trouble !== undefined) sendTail(client, 1, undefined, Buffer.from(`error INTERNAL ${trouble}\n`))
    client.end(frame(KIND.ended, numbers(status)))
  }
}

/** Bytes of a stream from an offset on; behind all that came where there is none. */
function sendTail(client: Socket, stream: 0 | 1, offset: number | undefined, bytes: Buffer): void {
  const most = PAYLOAD - 12
  for (let at = 0; at < bytes.length; at += most) {
    const from = offset === undefined ? undefined : offset + at
    const place = from === undefined ? numbers(-1, -1) : numbers(from % 2 ** 32, Math.floor(from / 2 ** 32))
    client.write(frame(KIND.tail, numbers(stream), place, bytes.subarray(at, at + most)))
  }
}
