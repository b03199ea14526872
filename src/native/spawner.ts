import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { errnoOf, Failure, failure } from '../diagnostics/index.ts'
import { started } from '../linux/started.ts'
import { failureOf } from './failure.ts'
import { type Reply, ReplyReader } from './reply.ts'

/** Opens a file as what it is, a socket too, without being able to read it: `O_PATH`, which Node has no name for. */
const O_PATH = 0o10000000

/** Where somebody listens who bears processes. */
export interface Place {
  readonly address: string
}

/** Where processes of the native program are asked for. */
export interface Starter {
  /** NATIVE_MISSING, NATIVE_DIED, FD_LIMIT, or why it cannot work on this machine. */
  place(): Promise<Place>
  /** Nobody listens there any more: the next is another one, even if it has the same address. */
  lost(place: Place): void
}

interface Running extends Place {
  readonly child: ChildProcess
  /** The socket: it has no other name than this descriptor of ours. */
  readonly fd: number
}

/**
 * The one process that bears all others of the native program, so that this one, which is large, never forks for them
 * (native/spawner). It is begun when it is first needed, and anew when it has been killed; who was borne does not mind. It ends with us.
 */
export class Spawner implements Starter {
  readonly #binary: () => string
  #running: Promise<Running> | undefined
  #ended = false
  /** The sealed copy that the first one ran from (native/launch/sealed.c): it is there when an upgrade has removed the file. */
  #copy: number | undefined

  constructor(binary: () => string) {
    this.#binary = binary
  }

  place(): Promise<Place> {
    return this.#run()
  }

  /** Its process: who moves this one to another control group moves that one, too. */
  async pid(): Promise<number | undefined> {
    return (await this.#run()).child.pid
  }

  lost(place: Place): void {
    const running = this.#running
    void running?.then(
      each => {
        if (each === place) this.#forget(running, each)
      },
      () => undefined,
    )
  }

  /** Ends it, for good. */
  end(): void {
    this.#ended = true
    const running = this.#running
    void running?.then(
      each => this.#forget(running, each),
      () => undefined,
    )
    if (this.#copy !== undefined) closeSync(this.#copy)
    this.#copy = undefined
  }

  #run(): Promise<Running> {
    const running = this.#running ?? this.#start()
    this.#running = running
    return running
  }

  #start(): Promise<Running> {
    const running = this.#beginAgain()
    running.then(
      each => {
        each.child.once('exit', () => this.#forget(running, each))
        const hasExited = each.child.exitCode !== null || each.child.signalCode !== null
        if (hasExited || this.#ended) this.#forget(running, each)
      },
      // One that is not there is looked for again, and missed by every call.
      () => {
        if (this.#running === running) this.#running = undefined
      },
    )
    return running
  }

  #forget(running: Promise<Running>, { child, fd }: Running): void {
    if (this.#running !== running) return
    this.#running = undefined
    child.stdin?.destroy()
    closeSync(fd)
  }

  /** One that was killed before it had said anything is nobody's fault. */
  async #beginAgain(): Promise<Running> {
    try {
      return await this.#begin()
    } catch (error) {
      if (error instanceof Failure && error.code === 'NATIVE_DIED') return await this.#begin()
      throw error
    }
  }

  async #begin(): Promise<Running> {
    const path = this.#copy === undefined ? this.#binary() : `/proc/self/fd/${this.#copy}`
    const child = started(
      spawn(path, ['spawner'], {
        // Not the host's path: a container sees the words of a process that joins it.
        argv0: 'tscompose-native',
        stdio: ['pipe', 'pipe', 'ignore'],
        env: {},
        cwd: '/',
        detached: true,
      }),
    )
    // Its end is told by that of its words.
    child.stdin.on('error', () => undefined)
    const reply = await greetingOf(child, child.stdout)
    if (reply.errno !== 0) throw failureOf({}, reply)
    const number = reply.results.find(({ bytes }) => bytes.length === 4)?.bytes.readUInt32LE()
    const fd = openPlace(`/proc/${child.pid}/fd/${number}`)
    this.#copy ??= openCopy(child.pid ?? 0)
    // It waits for this before it closes itself to all eyes.
    child.stdin.write('\n')
    // It is no reason to go on, as a server is one.
    child.unref()
    ;(child.stdin as Socket).unref()
    child.stdout.destroy()
    return { child, fd, address: `/proc/self/fd/${fd}` }
  }
}

function openPlace(path: string): number {
  try {
    return openSync(path, O_PATH)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') throw died()
    throw error
  }
}

function died(): Failure {
  return failure({ code: 'NATIVE_DIED', summary: 'Native binary ended without a reply in mode "spawner"' })
}

/** The file that a process runs from, if it is a copy: that has no name. */
function openCopy(pid: number): number | undefined {
  try {
    const fd = openSync(`/proc/${pid}/exe`, constants.O_RDONLY)
    if (fstatSync(fd).nlink === 0) return fd
    closeSync(fd)
    return undefined
  } catch (error) {
    // It was killed, or we may not look at it.
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'EACCES') return undefined
    throw error
  }
}

function greetingOf(child: ChildProcess, stdout: Readable): Promise<Reply> {
  const reader = new ReplyReader()
  return new Promise((resolve, reject) => {
    stdout.on('data', (chunk: Buffer) => {
      try {
        for (const reply of reader.push(chunk)) resolve(reply)
      } catch (error) {
        reject(error)
      }
    })
    stdout.once('close', () => reject(died()))
    child.once('error', cause => {
      reject(
        failure({
          code: 'NATIVE_MISSING',
          kind: 'unavailable',
          summary: 'Cannot run the native binary',
          detail: cause.message,
          cause,
        }),
      )
    })
  })
}
