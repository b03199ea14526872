import { rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { messageOf } from '../../diagnostics/index.ts'
import { Waiters } from '../../linux/waiters.ts'
import { returnTicketsOf } from '../../project/thread-tickets.ts'
import type { Tail } from './conversation.ts'
import { type Hand, WaitingHands } from './waiting-hands.ts'

export interface HandsOptions {
  /** bin/start.cjs, which runs the code of workers, too. */
  readonly script: string
  /** Where workers listen. */
  readonly folder: string
  readonly root: string
  readonly run: string
  readonly onTrouble: (text: string) => void
}

/** How a command's thread ended in the middle of it. */
export interface Ending {
  readonly status: number
  readonly tail?: Tail
  readonly trouble?: string
  /** It is for a process of the launcher's own. */
  readonly isCold?: boolean
}

/** Commands at once; whoever comes beyond starts a process of its own. */
const MOST = 8

/** Of a worker: with more room for new objects it leaves more behind, and is not quicker. */
const LIMITS = { maxYoungGenerationSizeMb: 4 }

/** Milliseconds between a command's begin and the start of one more worker, which would take its processor; most have ended by then, and wait themselves. */
const REFILL = 1_000

/** Milliseconds within which a worker says that it is done with a launcher that has gone. */
const DONE = 200

/** Milliseconds for which it is worth waiting that it is: a new one takes longer. */
const SOON = 30

interface Busy {
  readonly client: Socket
  readonly onEnd: (ending: Ending) => void
  /** The worker is done with this client. */
  isOver: boolean
}

/** What the engine gives a worker. */
export interface WorkerData {
  /** Of the engine: a command that means another is not run here. */
  readonly root: string
  readonly run: string
  /** The one that somebody waits for already; absent: any may come. */
  readonly command?: string
}

/** What a worker says: that it listens, that it is done with a launcher and waits for the next one, what it has not got rid of, or that
 * the launcher is to run the command by itself, when it ends. */
export type WorkerWord = 'ready' | 'over' | 'cold' | Tail

/** The workers of a command host: each runs one command at a time, and waits for the next one where it is as new. */
export class Hands {
  readonly #options: HandsOptions
  readonly #all = new Set<Hand>()
  readonly #waiting = new WaitingHands()
  readonly #busy = new Map<Hand, Busy>()
  /** Of those who wait for the next one. */
  readonly #onFree = new Waiters()
  #count = 0
  #isOpen = false
  #refill: NodeJS.Timeout | undefined

  constructor(options: HandsOptions) {
    this.#options = options
  }

  /** Where workers listen. */
  get folder(): string {
    return this.#options.folder
  }

  /**
   * One that waits, or a new one, for this client until he has gone; undefined where there are as many as may be, and where he has gone already. `onEnd`: it
   * ended before that. One that is about to be done with the command before is worth waiting for: it has all of that in its memory.
   */
  async take(client: Socket, onEnd: (ending: Ending) => void): Promise<Hand | undefined> {
    if (this.#busy.size > 0) await this.#oneIsFree()
    if (client.destroyed) return undefined
    const hand = this.#waiting.take() ?? (this.#all.size < MOST ? this.#start() : undefined)
    if (hand === undefined) return undefined
    const busy: Busy = { client, onEnd, isOver: false }
    this.#busy.set(hand, busy)
    client.once('close', () => this.#leave(hand, busy))
    if (this.#waiting.isEmpty && !this.#waiting.isFirst(hand))
      this.#refill ??= setTimeout(() => this.#refillNow(), REFILL).unref()
    return hand
  }

  /** Resolves when one that is about to be free is so, at once where there is none, and in no case later than `SOON`. */
  async #oneIsFree(): Promise<void> {
    // Of whoever has gone before this client came the loop may tell in this very turn.
    await new Promise(resolve => setImmediate(resolve))
    const isLeaving = [...this.#busy].some(([, { client, isOver }]) => client.destroyed !== isOver)
    if (!isLeaving) return
    await this.#onFree.wait(SOON)
  }

  /** Has one load the code of a command that is about to come, before there is a folder for its socket, which `open` tells of. */
  prepare(command: string): void {
    const hand = this.#start(command)
    this.#waiting.expect(hand)
    this.#wait(hand)
  }

  /** The folder is there from now on. */
  open(): void {
    this.#isOpen = true
    for (const { worker, path } of this.#all) worker.postMessage(path)
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    this.#stopRefill()
    this.#waiting.stop()
    await Promise.all([...this.#all].map(({ worker }) => worker.terminate()))
  }

  #refillNow(): void {
    this.#stopRefill()
    if (this.#waiting.isEmpty && this.#all.size < MOST) this.#wait(this.#start())
  }

  #stopRefill(): void {
    clearTimeout(this.#refill)
    this.#refill = undefined
  }

  #wait(hand: Hand): void {
    this.#waiting.add(hand)
    this.#onFree.wakeOne()
    this.#stopRefill()
  }

  #start(command?: string): Hand {
    const { script, root, run, folder, onTrouble } = this.#options
    this.#count += 1
    const path = join(folder, `${this.#count}.sock`)
    const workerData: WorkerData = { root, run, ...(command === undefined ? {} : { command }) }
    const worker = new Worker(script, { argv: ['command-worker'], workerData, resourceLimits: LIMITS })
    if (this.#isOpen) worker.postMessage(path)
    const ready = new Promise<boolean>(resolve => {
      worker.once('message', () => resolve(true))
      worker.once('exit', () => resolve(false))
    })
    const hand: Hand = { worker, path, ready }
    let left: Omit<Ending, 'status'> = {}
    worker.on('message', (word: WorkerWord) => {
      if (typeof word === 'object') left = { ...left, tail: word }
      if (word === 'over') this.#free(hand)
      if (word === 'cold') left = { ...left, isCold: true }
    })
    worker.on('error', error => {
      const trouble = error.stack ?? messageOf(error)
      left = { ...left, trouble }
      onTrouble(`a command of a launcher: ${trouble}`)
    })
    const { threadId } = worker
    worker.once('exit', status => this.#bury(hand, threadId, { ...left, status }))
    this.#all.add(hand)
    return hand
  }

  /** The worker and the launcher are done with each other, of which both tell. */
  #free(hand: Hand): void {
    const busy = this.#busy.get(hand)
    if (busy === undefined) return
    busy.isOver = true
    if (busy.client.destroyed) this.#leave(hand, busy)
  }

  #leave(hand: Hand, busy: Busy): void {
    if (this.#busy.get(hand) !== busy) return
    if (busy.isOver) {
      this.#busy.delete(hand)
      this.#wait(hand)
      this.#waiting.hasWorked(hand)
    } else {
      // One that hangs in a loop hears nothing.
      setTimeout(
        () => this.#busy.get(hand) === busy && !busy.isOver && void hand.worker.terminate(),
        DONE,
      ).unref()
    }
  }

  /** What it has left behind goes, and its launcher hears how it ended. */
  #bury(hand: Hand, threadId: number, ending: Ending): void {
    this.#all.delete(hand)
    this.#waiting.drop(hand)
    returnTicketsOf(this.#options.run, threadId)
    rmSync(hand.path, { force: true })
    if (this.#refill !== undefined) this.#refillNow()
    const busy = this.#busy.get(hand)
    this.#busy.delete(hand)
    if (busy?.client.destroyed === false) busy.onEnd(ending)
  }
}
