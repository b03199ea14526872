import { type Duplex, PassThrough, type Readable, type Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { Docker } from '../../client/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { TerminalSize } from '../begun-exec.ts'
import { ByteCount } from '../logs/byte-count.ts'
import { type LogStream, readOutput } from '../logs/output-stream.ts'
import { isUnavailable, overEngines } from '../over-engines.ts'
import { ContainerInput, type GivenInput, inputCut } from './container-input.ts'
import { type AskedExit, askForExit } from './exit.ts'

/** Milliseconds within which all connections of an engine that has died have ended. */
const SETTLE = 50

/** Milliseconds in which the last output of a container comes that has just ended. */
const LATE = 1000

/** A container whose streams are joined with ours, and how. */
export interface JoinOptions {
  readonly docker: Docker
  readonly id: string
  /** It has a terminal: what it writes is all of stdout then. */
  readonly tty: boolean
  /** It is given input. */
  readonly stdin: boolean
  /** It has not started yet: its output is ours from the first byte on. */
  readonly isNew: boolean
  /** It removes itself behind its end, which is waited for. */
  readonly autoRemove: boolean
  readonly detachKeys?: string
  /** Hears output as it comes, cut anywhere. */
  readonly onOutput: (stream: LogStream, bytes: Buffer) => void
  /** While this gives a promise no more is read, and the container waits in the end. */
  readonly room?: () => Promise<void> | undefined
  /** Starts the next engine where the one that was asked has died. */
  readonly reconnect: () => Promise<unknown>
}

/** What another process of ours needs to go on with a container in our place. */
export interface LeftContainer extends Pick<JoinOptions, 'id' | 'tty' | 'stdin' | 'isNew' | 'autoRemove'> {
  readonly name: string
  /** It has been given its input to the end. */
  readonly isInputWhole: boolean
}

/**
 * A container that is attached to until it has ended or is let go of with the detach keys. An engine that dies takes the connection
 * with it and nothing else: the output goes on from the container's log, byte for byte where it was ours from the beginning, a
 * terminal's input, and such as nothing was given of, by a new connection. What a pipe had sent may be lost then, which is a failure
 * (INPUT_CUT).
 */
export class JoinedContainer {
  readonly #options: JoinOptions
  readonly #count: ByteCount
  readonly #stream: Duplex
  readonly #streamEnd: Promise<void>
  readonly #exit: AskedExit
  readonly #input: ContainerInput
  #isInputCut = false
  #ended: Promise<number | undefined> | undefined

  private constructor(
    options: JoinOptions,
    { stream, exit, given, count }: { stream: Duplex; exit: AskedExit; given: GivenInput; count: ByteCount },
  ) {
    this.#options = options
    this.#count = count
    this.#stream = stream
    this.#streamEnd = streamEnd(stream)
    this.#exit = exit
    this.#input = new ContainerInput(stream, given, () => void this.#followInput())
  }

  /** Attaches; of a container that is about to start nothing is missed from here on. */
  static async join(options: JoinOptions): Promise<JoinedContainer> {
    const { docker, id, stdin, isNew, autoRemove, detachKeys } = options
    const condition = autoRemove ? 'removed' : isNew ? 'next-exit' : 'not-running'
    const [exit, stream] = await Promise.all([
      askForExit(docker, id, condition),
      docker.getContainer(id).attach({
        hijack: true,
        stream: true,
        stdin,
        stdout: true,
        stderr: true,
        ...(detachKeys === undefined ? {} : { detachKeys }),
      }),
    ])
    const given = { isBegun: false, isWhole: false }
    return new JoinedContainer(options, { stream, exit, given, count: new ByteCount() })
  }

  /** Goes on in the place of a process that had joined it and was lost with its engine: with the next one, behind what was passed on. */
  static rejoin(
    options: JoinOptions,
    given: GivenInput,
    passed: Readonly<Record<LogStream, number>>,
  ): JoinedContainer {
    const gone = failure({ code: 'ENGINE_UNREACHABLE', kind: 'unavailable', summary: 'the engine has ended' })
    const code = Promise.reject(gone)
    code.catch(noWait)
    const exit = { code, cancel: noWait }
    const stream = new PassThrough().destroy()
    return new JoinedContainer(options, { stream, exit, given, count: new ByteCount(passed) })
  }

  /** What it reads; end it when there is no more. */
  get input(): Writable {
    return this.#input.writable
  }

  /** Tells its terminal how large it is. */
  async resize({ rows, columns }: TerminalSize): Promise<void> {
    await this.#unlessOver(() => this.#container.resize({ h: rows, w: columns }))
  }

  /** Sends a signal to its first process; with `orKill` (our engine alone) it is SIGKILL where that process would not heed it. */
  async kill(signal: string, orKill: boolean = false): Promise<void> {
    const { reconnect } = this.#options
    await this.#unlessOver(() => overEngines(reconnect, () => this.#container.kill({ signal, orKill })))
  }

  /**
   * Resolves when it has ended and all of its output has been passed on, with its exit code; undefined: it was let go of and runs on. No
   * output is passed on before this is asked: who sees some may send it signals, which are ours until somebody forwards them.
   */
  ended(): Promise<number | undefined> {
    this.#ended ??= this.#untilEnd().finally(() => this.#input.end())
    return this.#ended
  }

  async #untilEnd(): Promise<number | undefined> {
    const { id } = this.#options
    this.#read(this.#stream)
    await this.#streamEnd
    const outcome = await Promise.race([this.#exit.code, this.#runsOn()]).catch(unlessUnavailable)
    if (outcome === 'runs on') {
      this.#exit.cancel()
      return undefined
    }
    if (typeof outcome === 'number') return outcome
    const code = await this.#goOn()
    if (this.#isInputCut) throw inputCut(id, code)
    return code
  }

  /** Its connection has ended, and there is more of it: the container has ended, or another engine is asked. */
  async #followInput(): Promise<void> {
    await this.#exit.code.then(
      () => this.#input.end(),
      () => this.ended().catch(noWait),
    )
  }

  get #container(): ReturnType<Docker['getContainer']> {
    return this.#options.docker.getContainer(this.#options.id)
  }

  /** The stream ends behind the container's end, or because a terminal's detach keys were pressed. Never resolves otherwise. */
  async #runsOn(): Promise<'runs on'> {
    if (!this.#options.tty) return new Promise(() => undefined)
    try {
      const { State } = await this.#container.inspect()
      // The death of an engine is told by its other connection as well, and it may be the next one that was asked.
      await Promise.race([this.#exit.code, setTimeout(SETTLE)])
      if (State.Running) return 'runs on'
    } catch (error) {
      if (!(error instanceof Failure && error.kind === 'notFound')) throw error
    }
    return new Promise(() => undefined)
  }

  /** The engine has died: the next one has the rest. Undefined: the container runs on, and nobody gives it the rest of its input. */
  async #goOn(): Promise<number | undefined> {
    const { docker, id, autoRemove, reconnect } = this.#options
    await reconnect()
    return overEngines(reconnect, async () => {
      // The engine keeps what removes itself until we have asked for its end, and a little longer.
      const rest = await this.#rest()
      const restEnd = streamEnd(rest)
      const exit = await askForExit(docker, id, autoRemove ? 'removed' : 'not-running')
      const input = await this.#goOnWithInput()
      if (await this.#waitsInVain()) {
        rest.destroy()
        exit.cancel()
        return undefined
      }
      try {
        this.#read(rest)
        await restEnd
        return await exit.code
      } finally {
        input?.destroy()
      }
    })
  }

  /**
   * Over another connection where it is a terminal's, or nothing was given of it. Of what was given otherwise the end may have been lost:
   * it is given again, also where a part alone may have come and the container is ours.
   */
  async #goOnWithInput(): Promise<Duplex | undefined> {
    const { tty, stdin, isNew } = this.#options
    if (!stdin) return undefined
    const isCut = !tty && this.#input.isCut
    this.#isInputCut ||= isCut
    // Others may give it input, too, and we have not said that it ends.
    if (isCut && !isNew) return undefined
    try {
      const stream = await this.#container.attach({ hijack: true, stream: true, stdin: true })
      if (isCut) this.#input.breakOff(stream)
      else this.#input.goOn(stream)
      return stream
    } catch (error) {
      // It has ended meanwhile.
      if (!(error instanceof Failure && (error.kind === 'notFound' || error.kind === 'conflict'))) throw error
      this.#input.end()
      return undefined
    }
  }

  /** Whether it is somebody else's and runs, and the rest of what we had for it is lost: it may wait for that, and we for it, for ever. */
  async #waitsInVain(): Promise<boolean> {
    return this.#isInputCut && !this.#options.isNew && (await this.#isRunning())
  }

  async #isRunning(): Promise<boolean> {
    try {
      return (await this.#container.inspect()).State.Running
    } catch (error) {
      if (!(error instanceof Failure && error.kind === 'notFound')) throw error
      return false
    }
  }

  /** Without a log, and where not all of the output is ours, what was written meanwhile is not to be had. */
  async #rest(): Promise<Readable> {
    const { docker, id, isNew } = this.#options
    const both = { stdout: true, stderr: true } as const
    if (isNew)
      try {
        const options = { ...both, follow: true, tail: 'all' }
        const log = await docker.getContainer(id).openLogs(options)
        this.#count.again()
        return log
      } catch (error) {
        if (!(error instanceof Failure && error.kind === 'notImplemented')) throw error
      }
    const output = await this.#container.attach({ hijack: true, stream: true, ...both })
    // Of one that had ended it is that of its next start, which nobody waits for.
    if (!(await this.#isRunning())) void setTimeout(LATE).then(() => output.destroy())
    return output
  }

  #read(stream: Readable): void {
    const { tty, onOutput, room = noWait } = this.#options
    const take = (kind: LogStream, bytes: Buffer): void => {
      const fresh = this.#count.take(kind, bytes)
      if (fresh.length > 0) onOutput(kind, fresh)
    }
    readOutput(stream, tty, take, room)
  }

  async #unlessOver(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof Failure && ['notFound', 'conflict', 'unavailable'].includes(error.kind)))
        throw error
    }
  }
}

/** Resolves when a stream has ended, in whatever way: what that means is asked of the engine. Asked for as soon as it is there, since it may break at once. */
function streamEnd(stream: Readable): Promise<void> {
  if (stream.readableEnded || stream.destroyed) return Promise.resolve()
  return new Promise(resolve => {
    stream
      .once('end', resolve)
      .once('close', resolve)
      .once('error', () => resolve())
  })
}

function unlessUnavailable(error: unknown): undefined {
  if (!isUnavailable(error)) throw error
}

function noWait(): undefined {}
