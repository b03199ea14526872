import type { Worker } from 'node:worker_threads'

/** A thread with the code of commands. */
export interface Hand {
  readonly worker: Worker
  readonly path: string
  /** Resolves when it listens; false: it has ended. */
  readonly ready: Promise<boolean>
}

/** Workers that wait for a command at once. */
const WAITING = 2

/** Milliseconds without a command until one worker alone waits for the next one, and until none does. */
const QUIET = 5_000
const IDLE = 120_000

/**
 * The same for the one that was begun with the engine, for one command: a second command is mostly there by then, which would wait for a new one;
 * and an engine that is asked for nothing else is small.
 */
const BRIEF = 1_500

/** Workers that wait for a command, and how long they do: those that have waited for longest go first. */
export class WaitingHands {
  /** The last one has just been used. */
  readonly #all: Hand[] = []
  /** The one that was begun for a command, until it is given a second one. */
  #first: Hand | undefined
  /** Ends it, once it waits for that. */
  #brief: NodeJS.Timeout | undefined
  #quiet: NodeJS.Timeout | undefined
  #idle: NodeJS.Timeout | undefined

  get isEmpty(): boolean {
    return this.#all.length === 0
  }

  /** Whether it is the one that was begun for a command, and has been given no other. */
  isFirst(hand: Hand): boolean {
    return hand === this.#first
  }

  /** It is begun for a command. */
  expect(hand: Hand): void {
    this.#first = hand
  }

  add(hand: Hand): void {
    this.#all.push(hand)
    this.#letGo(WAITING)
    this.#stopTimers()
    this.#quiet = setTimeout(() => this.#letGo(1), QUIET).unref()
    this.#idle = setTimeout(() => this.#letGo(0), IDLE).unref()
  }

  /** It waits behind a command that it has run. */
  hasWorked(hand: Hand): void {
    if (hand === this.#first)
      this.#brief = setTimeout(() => void this.drop(hand)?.worker.terminate(), BRIEF).unref()
  }

  /** The last one that was used. */
  take(): Hand | undefined {
    const hand = this.#all.pop()
    if (this.#brief !== undefined && hand === this.#first) {
      // It is one of them all from now on.
      clearTimeout(this.#brief)
      this.#first = undefined
    }
    return hand
  }

  /** Takes this one, where it waits. */
  drop(hand: Hand): Hand | undefined {
    const at = this.#all.indexOf(hand)
    return at < 0 ? undefined : this.#all.splice(at, 1)[0]
  }

  /** Nobody goes by itself any more. */
  stop(): void {
    this.#stopTimers()
    clearTimeout(this.#brief)
  }

  #stopTimers(): void {
    clearTimeout(this.#quiet)
    clearTimeout(this.#idle)
  }

  #letGo(most: number): void {
    const count = Math.max(0, this.#all.length - most)
    for (const { worker } of this.#all.splice(0, count)) void worker.terminate()
  }
}
