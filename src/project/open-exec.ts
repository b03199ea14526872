import type { Duplex, Writable } from 'node:stream'
import type { ExecCreateRequest } from '../api/types/index.ts'
import type { Exec } from '../client/index.ts'
import { errnoOf } from '../diagnostics/index.ts'
import { type BegunExec, beginByCalls, beginByLabels, type TerminalSize } from './begun-exec.ts'
import { connectEngine, lettingGo } from './engine.ts'
import { Interrupted } from './failures.ts'
import type { LogStream } from './logs/output-stream.ts'
import { resolveProject } from './project-name.ts'
import { serviceContainer } from './service-container.ts'
import { environmentOf, isForeign, type Target } from './target.ts'

/** Whoever was at the other end has gone. */
const BROKEN: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET'])

/** How a command is run in a container. */
export interface ExecOptions {
  /** `null` takes the project's value (`.env`, then the process's); where there is none the variable is left out. */
  readonly env?: Readonly<Record<string, string | null>>
  readonly user?: string
  readonly workdir?: string
  /** This container of a service that has several. */
  readonly index?: number
  readonly privileged?: boolean
  /** It gets a terminal: what it writes is all of stdout then. */
  readonly tty?: boolean
  /** Of the terminal, when the command starts. */
  readonly size?: TerminalSize
}

export interface OpenExecOptions extends ExecOptions {
  /** Hears output as it comes, cut anywhere. */
  readonly onOutput: (stream: LogStream, bytes: Buffer) => void
  /** While this gives a promise no more is read, and the command waits in the end. */
  readonly room?: () => Promise<void> | undefined
  /** Called before the engine is asked to start it. */
  readonly beforeStart?: () => void
  /** Called where it was not started, but is to be asked for anew. */
  readonly onNotStarted?: () => void
  /** Called when the engine was asked to start it: what takes a while can be done beside that. */
  readonly onStarting?: () => void
  /** Lets go of the command, which runs on; `ended` raises Interrupted. */
  readonly signal?: AbortSignal
}

/** A command that runs in a container, and that we are connected to. */
export interface OpenExec {
  /** What the command reads; end it when there is no more. */
  readonly input: Writable
  /** Tells its terminal how large it is. */
  resize(size: TerminalSize): Promise<void>
  /** Resolves when its output has ended, with its exit code; undefined: it runs on without output. EXEC_CUT: with the engine. */
  ended(): Promise<number | undefined>
}

/**
 * Runs a command in a running container of a service, connected to what it reads and writes. Errors: SERVICE_NOT_RUNNING,
 * NO_SUCH_SERVICE.
 */
export async function openExec(
  target: Target,
  service: string,
  command: readonly string[],
  options: OpenExecOptions,
): Promise<OpenExec> {
  const { onOutput, room = noWait, signal } = options
  const begun = await begin(target, service, command, options)
  const ended = untilEnd(begun.stream, signal)
  begun.read(onOutput, room)
  return {
    input: begun.stream,
    resize: size => begun.resize(size),
    ended: () =>
      lettingGo(begun, 'always', async () => {
        await ended
        return begun.exitCode()
      }),
  }
}

/** By one call where the engine is ours and has the one container that is most often meant; otherwise step by step. */
async function begin(
  target: Target,
  service: string,
  command: readonly string[],
  options: OpenExecOptions,
): Promise<BegunExec> {
  const { tty = false, index, beforeStart, onStarting, onNotStarted } = options
  const env = environmentOf(target)
  const asked = await resolve(target, command, options, true)
  if (!isForeign(env)) {
    const docker = await connectEngine(env)
    beforeStart?.()
    const begun = await beginByLabels({
      ...{ docker, project: asked.project, service, index, request: asked.request },
      onAsked: onStarting,
    })
    if (begun !== undefined) return begun
    onNotStarted?.()
  }
  const exec = await create(target, service, asked, options)
  beforeStart?.()
  return beginByCalls(exec, { service, tty, onAsked: onStarting })
}

/** The name of the container that a command would be run in. Errors as of `openExec`. */
export async function execContainer(
  target: Target,
  service: string,
  { index }: Pick<ExecOptions, 'index'>,
): Promise<string> {
  const { name } = await resolveProject(target)
  const docker = await connectEngine(environmentOf(target))
  return lettingGo(docker, 'always', async () => {
    const { Id, Names } = await serviceContainer(target, docker, { project: name, service, index })
    return Names[0]?.replace('/', '') ?? Id
  })
}

/** Starts a command in a running container of a service and leaves it alone. Errors as of `openExec`. */
export async function execDetached(
  target: Target,
  service: string,
  command: readonly string[],
  options: ExecOptions & Pick<OpenExecOptions, 'beforeStart'> = {},
): Promise<void> {
  const exec = await create(target, service, await resolve(target, command, options, false), options)
  options.beforeStart?.()
  await lettingGo(exec, 'always', () => exec.start({ Detach: true, Tty: options.tty ?? false }))
}

/** A command as an engine is asked for it, and of which project its container is. */
interface Asked {
  readonly project: string
  readonly request: ExecCreateRequest
}

async function resolve(
  target: Target,
  command: readonly string[],
  options: ExecOptions,
  attached: boolean,
): Promise<Asked> {
  const { env = {}, user, workdir, privileged = false, tty = false, size } = options
  const isAsked = Object.values(env).includes(null)
  const { name, project } = await resolveProject(target, { needsModel: isAsked })
  return {
    project: name,
    request: {
      Cmd: command,
      Tty: tty,
      AttachStdin: attached,
      AttachStdout: attached,
      AttachStderr: attached,
      Env: variables(env, project?.environment ?? environmentOf(target)),
      Privileged: privileged,
      ...(size === undefined ? {} : { ConsoleSize: [size.rows, size.columns] as const }),
      ...(user === undefined ? {} : { User: user }),
      ...(workdir === undefined ? {} : { WorkingDir: workdir }),
    },
  }
}

async function create(
  target: Target,
  service: string,
  { project, request }: Asked,
  { index }: ExecOptions,
): Promise<Exec> {
  const docker = await connectEngine(environmentOf(target))
  return lettingGo(docker, 'on failure', async () => {
    const { Id } = await serviceContainer(target, docker, { project, service, index })
    return docker.getContainer(Id).exec(request)
  })
}

function variables(
  env: Readonly<Record<string, string | null>>,
  here: Readonly<Record<string, string | undefined>>,
): string[] {
  return Object.entries(env).flatMap(([name, given]) => {
    const value = given ?? here[name]
    return value === undefined ? [] : [`${name}=${value}`]
  })
}

function untilEnd(stream: Duplex, signal: AbortSignal | undefined): Promise<void> {
  const onAbort = (): void => void stream.destroy(new Interrupted())
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('end', resolve).once('close', resolve)
    // What is written after the end fails, too, and says nothing new; nor does a connection whose engine was killed in the middle of it.
    stream.on('error', error => (BROKEN.has(errnoOf(error) ?? '') ? resolve() : reject(error)))
  })
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  const over = ended.finally(() => signal?.removeEventListener('abort', onAbort))
  // Whoever asks for the end hears of a failure; until then it is none that nobody takes.
  over.catch(noWait)
  return over
}

function noWait(): undefined {}
