import type { LeftContainer } from '../project/joined/joined-container.ts'
import { roomIn } from '../project/logs/output-stream.ts'
import { rejoin } from '../project/run/rejoin.ts'
import type { OpenContainer, OpenRunRequest } from '../project/run/run.ts'
import type { CommandContext, IfLost, Left } from './command.ts'
import { EXIT } from './exit-codes.ts'
import type { Signals } from './signals.ts'
import { targetOf } from './target.ts'
import { joinTerminal } from './terminal.ts'

/** Signals that are passed on to a container; the first ones mean its end, whether it heeds them or not. */
const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
const OTHERS: readonly NodeJS.Signals[] = ['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGCONT']

/** At the so many-th signal that means an end the container is killed. */
const LAST = 3

/** Where the output of a container goes: our own streams, as fast as they take it. */
export function outputTo({
  streams,
  ifLost,
}: Pick<CommandContext, 'streams' | 'ifLost'>): Pick<OpenRunRequest, 'onOutput' | 'room'> {
  const write = (kind: 'stdout' | 'stderr', bytes: Buffer): void =>
    void (kind === 'stderr' ? streams.stderr : streams.stdout).write(bytes)
  return {
    onOutput: ifLost === undefined ? write : (kind, bytes) => ifLost.passOn(kind, bytes),
    room: () => roomIn([streams.stdout, streams.stderr]),
  }
}

/** Has whoever is there for us go on with a container that we have joined, should we be lost. */
export function leaveTo(ifLost: IfLost | undefined): Pick<OpenRunRequest, 'onJoined'> {
  return ifLost === undefined ? {} : { onJoined: joined => ifLost.goOn(JSON.stringify(joined)) }
}

/** Goes on with a container that a command had joined which was lost with its engine; undefined: it had not started it, and nothing was done. */
export async function goOnWithContainer(
  context: CommandContext,
  left: Left,
  { signals, ...options }: Pick<Joining, 'signals'> & Pick<OpenRunRequest, 'detachKeys'>,
): Promise<number | undefined> {
  const { tty, stdin, ...joined }: LeftContainer = JSON.parse(left.text)
  const { passed, hadInput } = left
  const request = { passed, hadInput, ...options, ...outputTo(context) }
  const container = await rejoin(targetOf(context), { tty, stdin, ...joined }, request)
  if (container === undefined) return undefined
  return joinContainer(context, container, { tty, stdin: stdin && !joined.isInputWhole, signals })
}

/** How our streams are joined with those of a container. */
export interface Joining {
  readonly tty: boolean
  /** Ours is what it reads. */
  readonly stdin: boolean
  /** Signals that come to us are for the container. */
  readonly signals: boolean
}

/** Joins our standard input, terminal and signals with a container until it has ended; its exit code, 0 if it was let go of. */
export async function joinContainer(
  { streams, signals: given }: Pick<CommandContext, 'streams' | 'signals'>,
  container: OpenContainer,
  { tty, stdin, signals }: Joining,
): Promise<number> {
  const ended = container.ended()
  const letGo = [
    signals ? forwardSignals(given, container) : () => undefined,
    tty && streams.stdout.isTTY === true ? joinTerminal(streams, container) : () => undefined,
  ]
  if (stdin) streams.stdin.pipe(container.input)
  try {
    return (await ended) ?? EXIT.ok
  } finally {
    if (stdin) {
      streams.stdin.unpipe(container.input)
      // A terminal or pipe that is still open would keep this process alive.
      streams.stdin.destroy()
    }
    for (const end of letGo) end()
  }
}

function forwardSignals(signals: Signals, container: OpenContainer): () => void {
  let count = 0
  const onEnding = (signal: NodeJS.Signals): void => {
    count += 1
    void container.kill(count < LAST ? signal : 'SIGKILL', true)
  }
  const onOther = (signal: NodeJS.Signals): void => void container.kill(signal)
  for (const signal of ENDING) signals.on(signal, onEnding)
  for (const signal of OTHERS) signals.on(signal, onOther)
  return () => {
    for (const signal of ENDING) signals.off(signal, onEnding)
    for (const signal of OTHERS) signals.off(signal, onOther)
  }
}
