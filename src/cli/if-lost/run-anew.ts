import type { Failure } from '../../diagnostics/index.ts'
import { engineLost } from '../../project/failures.ts'
import { isEngineLost, overEngines } from '../../project/over-engines.ts'
import type { CommandContext, IfLost, Streams } from '../command.ts'
import type { Signals } from '../signals.ts'
import type { Handling } from './handling.ts'

/**
 * Runs a command in a process of its own, and anew with the next engine where ours was lost: what the launcher does with a command that the
 * engine itself ran. Errors: those of the command, ENGINE_LOST or what the command has said in its place where it may not be begun anew.
 */
export async function runAnew(
  context: CommandContext,
  handling: Handling,
  run: (context: CommandContext) => Promise<number>,
): Promise<number> {
  // A worker of the engine is lost with it, and somebody else's engine is nobody's to start.
  const isOurs = context.ifLost === undefined && !context.env['DOCKER_HOST']
  if (handling === 'cold' || !isOurs) return run(context)
  const streams = new UsedStreams(context.streams)
  let said: Failure | undefined
  let isTold = handling === 'once'
  const ifLost: IfLost = {
    tell: problem => {
      isTold = true
      said = problem
    },
    takeBack: () => {
      isTold = handling === 'once'
      said = undefined
    },
    // Who has joined a container goes on with it by himself; what still fails is that it was not started.
    goOn: () => {
      isTold = false
    },
    passOn: (kind, bytes) => void streams[kind].write(bytes),
  }
  const signals = new HeardSignals(context.signals)
  const mayBegin = (): boolean =>
    !(isTold || signals.areHeard || streams.areUsed || (handling === 'looks' && streams.hasSaid))
  try {
    return await overEngines(
      () => Promise.resolve(),
      () => run({ ...context, streams, signals, ifLost }),
      error => isEngineLost(error) && mayBegin(),
    )
  } catch (error) {
    if (!isEngineLost(error) || mayBegin()) throw error
    throw said ?? engineLost(error)
  }
}

/** Streams that know what went through them. */
class UsedStreams implements Streams {
  readonly #streams: Streams
  readonly #written = { stdout: false, stderr: false }
  readonly #watched: Partial<Record<'stdout' | 'stderr', NodeJS.WriteStream>> = {}
  #stdin: NodeJS.ReadStream | undefined

  constructor(streams: Streams) {
    this.#streams = streams
  }

  get stdin(): NodeJS.ReadStream {
    this.#stdin ??= this.#streams.stdin
    return this.#stdin
  }

  get stdout(): NodeJS.WriteStream {
    return this.#watch('stdout')
  }

  get stderr(): NodeJS.WriteStream {
    return this.#watch('stderr')
  }

  /** Whether input was read, or something given out. */
  get areUsed(): boolean {
    return this.#written.stdout || (this.#stdin?.readableDidRead ?? false) || this.#stdin?.destroyed === true
  }

  get hasSaid(): boolean {
    return this.#written.stderr
  }

  #watch(name: 'stdout' | 'stderr'): NodeJS.WriteStream {
    const known = this.#watched[name]
    if (known !== undefined) return known
    const stream = this.#streams[name]
    const write = stream.write.bind(stream)
    const noted = (...words: unknown[]): boolean => {
      this.#written[name] = true
      return Reflect.apply(write, stream, words)
    }
    this.#watched[name] = Object.assign(stream, { write: noted })
    return stream
  }
}

/** Signals that know whether one came. */
class HeardSignals implements Signals {
  readonly #signals: Signals
  readonly #heard = new Map<Listener, Listener>()
  areHeard = false

  constructor(signals: Signals) {
    this.#signals = signals
  }

  on(signal: NodeJS.Signals, listener: Listener): void {
    const heard = this.#heard.get(listener) ?? this.#noted(listener)
    this.#heard.set(listener, heard)
    this.#signals.on(signal, heard)
  }

  off(signal: NodeJS.Signals, listener: Listener): void {
    this.#signals.off(signal, this.#heard.get(listener) ?? listener)
  }

  raise(signal: NodeJS.Signals): void {
    this.#signals.raise(signal)
  }

  #noted(listener: Listener): Listener {
    return signal => {
      this.areHeard = true
      listener(signal)
    }
  }
}

type Listener = Parameters<Signals['on']>[1]
