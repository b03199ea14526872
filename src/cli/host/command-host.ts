import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { messageOf } from '../../diagnostics/index.ts'
import type { Ending, Hands } from './hands.ts'
import { isSame, ownSurroundings, SURROUNDINGS, type Surroundings } from './surroundings.ts'
import { frame, frameReader, KIND, numbers, PAYLOAD, textsOf, WIRE_VERSION } from './wire.ts'

/** Commands that are never run by the host, as their first words say: they live long, or are about their own process. */
const NEVER: ReadonlySet<string> = new Set([
  ...['serve', 'watch', 'events', 'dns', 'wait', 'login', 'logout', 'doctor'],
])

/** Whether a command line may be of one that is run by the host, as far as can be told without reading it. The worker that gets it knows. */
function mayBeWarm([first = '']: readonly string[]): boolean {
  return !NEVER.has(first)
}

export interface CommandHostOptions {
  /** Of this engine: launchers of other builds run their commands by themselves. */
  readonly build: string
  readonly run: string
  readonly hands: Hands
  readonly onTrouble: (text: string) => void
}

/**
 * Runs commands of launchers, each in a worker of this process that has nothing of another one's. A worker that fails, hangs or fills its
 * heap ends alone.
 */
export class CommandHost {
  readonly #options: CommandHostOptions
  readonly #server: Server
  #own: Surroundings | undefined
  readonly #hands: Hands
  #clients = 0

  constructor(options: CommandHostOptions) {
    this.#options = options
    this.#hands = options.hands
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
    return this.#hands.folder
  }

  /** Listens in RUN, at a socket that nobody but this user can open; where it cannot, or has no build, launchers find nobody. */
  async listen(): Promise<void> {
    if (this.#options.build === '') return
    try {
      for (const path of [this.#socket, this.#folder]) rmSync(path, { recursive: true, force: true })
      mkdirSync(this.#folder, { mode: 0o700 })
      this.#hands.open()
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
    this.#server.close()
    const ended = this.#hands.close().then(() => true)
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

  async #answer(client: Socket, [version, build, ...rest]: readonly string[]): Promise<void> {
    const words = rest.slice(SURROUNDINGS)
    this.#own ??= ownSurroundings()
    const isOurs = version === WIRE_VERSION && build === this.#options.build
    const isFit = isOurs && isSame(this.#own, rest.slice(0, SURROUNDINGS)) && mayBeWarm(words)
    const hand = isFit ? await this.#hands.take(client, ending => sendEnding(client, ending)) : undefined
    if (hand === undefined || !(await hand.ready)) return void client.end(frame(KIND.cold))
    client.write(frame(KIND.go, Buffer.from(`${hand.path}\0`)))
  }
}

/** How a command ended whose worker cannot say so any more. */
function sendEnding(client: Socket, { status, tail, trouble, isCold }: Ending): void {
  if (isCold === true) return void client.end(frame(KIND.cold))
  for (const { stream, offset, bytes } of tail?.pieces ?? [])
    sendTail(client, stream, offset, Buffer.from(bytes))
  if (trouble !== undefined) sendTail(client, 1, undefined, Buffer.from(`error INTERNAL ${trouble}\n`))
  client.end(frame(KIND.ended, numbers(status)))
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
