import { Readable, type Writable } from 'node:stream'
import type { Docker } from '../../client/index.ts'
import type { TerminalSize } from '../begun-exec.ts'
import { connectEngine, lettingGo } from '../engine.ts'
import type { ExecResult } from '../exec.ts'
import { engineLost, Interrupted } from '../failures.ts'
import { JoinedContainer, type JoinOptions, type LeftContainer } from '../joined/joined-container.ts'
import type { LogStream } from '../logs/output-stream.ts'
import { isEngineLost } from '../over-engines.ts'
import type { Work } from '../run-plan.ts'
import { environmentOf, type Target } from '../target.ts'
import { type RunContainer, type RunTermsRequest, startRun } from './start-run.ts'

/** A container that we are connected to. */
export interface OpenContainer extends RunContainer {
  /** What it reads; end it when there is no more. */
  readonly input: Writable
  /** Tells its terminal how large it is. */
  resize(size: TerminalSize): Promise<void>
  /** Sends a signal to its first process; with `orKill` it is SIGKILL where that process would not heed it. */
  kill(signal: string, orKill?: boolean): Promise<void>
  /** Resolves when it has ended, with its exit code; undefined: it was let go of with the detach keys, and runs on. */
  ended(): Promise<number | undefined>
}

export interface OpenRunRequest
  extends RunTermsRequest,
    Pick<JoinOptions, 'onOutput' | 'room' | 'detachKeys'> {
  /** Hears what another process would need to go on in our place (`rejoin`), before the container starts and when its input has ended. */
  readonly onJoined?: (left: LeftContainer) => void
}

/**
 * Runs a one-off container of a service, connected to what it reads and writes; undefined for a dry run. An empty command is the
 * service's own. Errors: NO_SUCH_SERVICE, COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE; INPUT_CUT and ENGINE_LOST of `ended`.
 */
export async function openRun(
  target: Target,
  service: string,
  command: readonly string[],
  request: OpenRunRequest,
): Promise<OpenContainer | undefined> {
  const { onOutput, room, detachKeys, tty = false, stdinOpen = true, autoRemove = false } = request
  const env = environmentOf(target)
  let joined: JoinedContainer | undefined
  const { container, connected } = await startRun(
    target,
    service,
    command,
    request,
    async ({ docker }, { id, name }) => {
      joined = await JoinedContainer.join({
        docker,
        id,
        tty,
        stdin: stdinOpen,
        isNew: true,
        autoRemove,
        onOutput,
        reconnect: () => connectEngine(env),
        ...(room === undefined ? {} : { room }),
        ...(detachKeys === undefined ? {} : { detachKeys }),
      })
      leave(joined, { id, name, tty, stdin: stdinOpen, isNew: true, autoRemove }, request)
    },
  )
  if (container !== undefined && joined !== undefined) return opened(connected.docker, container, joined)
  connected.docker.modem.destroy()
  return undefined
}

/** Says what is left to others, now and when the input has ended. */
export function leave(
  { input }: Pick<JoinedContainer, 'input'>,
  left: Omit<LeftContainer, 'isInputWhole'>,
  { onJoined }: Pick<OpenRunRequest, 'onJoined'>,
): void {
  if (onJoined === undefined) return
  onJoined({ ...left, isInputWhole: false })
  input.once('finish', () => onJoined({ ...left, isInputWhole: true }))
}

/** A joined container for who uses it; the engine is let go of at its end. */
export function opened(docker: Docker, { id, name }: RunContainer, joined: JoinedContainer): OpenContainer {
  return {
    id,
    name,
    input: joined.input,
    resize: size => joined.resize(size),
    kill: (signal, orKill) => joined.kill(signal, orKill),
    ended: () => lettingGo(docker, 'always', () => unlessLost(joined.ended())),
  }
}

/** Engines keep dying: of a container that has begun that says more than that nobody answers. */
async function unlessLost<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw isEngineLost(error) ? engineLost(error) : error
  }
}

/** Starts a one-off container of a service and leaves it alone. Errors as of `openRun`. */
export async function runDetached(
  target: Target,
  service: string,
  command: readonly string[] = [],
  request: RunTermsRequest = {},
): Promise<{ readonly work: Work; readonly container?: RunContainer }> {
  const { connected, ...started } = await startRun(target, service, command, request)
  connected.docker.modem.destroy()
  return started
}

export interface RunRequest extends Omit<RunTermsRequest, 'tty' | 'dryRun'> {
  /** What the command reads; nothing without. */
  readonly input?: string | Uint8Array | Readable
  /** Hears output as it comes, cut anywhere; it is in the result all the same. */
  readonly onOutput?: (stream: LogStream, bytes: Buffer) => void
}

/**
 * Runs a command in a container of its own to its end; the container is removed unless `autoRemove` is false. A `signal` that
 * comes while it runs kills it and raises Interrupted. Errors as of `openRun`.
 */
export async function run(
  target: Target,
  service: string,
  command: readonly string[] = [],
  request: RunRequest = {},
): Promise<ExecResult> {
  const { input, onOutput, signal, ...options } = request
  const output: Record<LogStream, Buffer[]> = { stdout: [], stderr: [] }
  const running = await openRun(target, service, command, {
    autoRemove: true,
    ...options,
    ...(signal === undefined ? {} : { signal }),
    onOutput: (kind, bytes) => {
      output[kind].push(bytes)
      onOutput?.(kind, bytes)
    },
  })
  if (running === undefined) throw new Interrupted()
  const onAbort = (): void => void running.kill('SIGKILL')
  signal?.addEventListener('abort', onAbort, { once: true })
  if (input instanceof Readable)
    input.once('error', error => running.input.destroy(error)).pipe(running.input)
  else running.input.end(input)
  try {
    const exitCode = (await running.ended()) ?? -1
    if (signal?.aborted === true) throw new Interrupted()
    const text = (kind: LogStream): string => Buffer.concat(output[kind]).toString('utf8')
    return { exitCode, stdout: text('stdout'), stderr: text('stderr') }
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
