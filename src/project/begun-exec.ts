import type { Duplex } from 'node:stream'
import type { ExecCreateRequest, ExecTold } from '../api/types/index.ts'
import type { Docker, Exec } from '../client/index.ts'
import { Failure, failure } from '../diagnostics/index.ts'
import { serviceContainerLabels } from './containers.ts'
import { lettingGo } from './engine.ts'
import { type LogStream, readOutput } from './logs/output-stream.ts'

/** Of an exec: no engine is there, or one that knows nothing of it. */
const GONE: readonly string[] = ['ENGINE_UNREACHABLE', 'EXEC_NOT_FOUND']

/** In characters. */
export interface TerminalSize {
  readonly rows: number
  readonly columns: number
}

/** A command that an engine was asked to start in a container, and the connection to its streams. */
export interface BegunExec extends Pick<Docker, 'modem'> {
  readonly stream: Duplex
  /** Has the output read; while `room` has a promise the stream waits. */
  read(onOutput: (kind: LogStream, bytes: Buffer) => void, room: () => Promise<void> | undefined): void
  resize(size: TerminalSize): Promise<void>
  /** Once the output has ended; undefined: it runs on. EXEC_CUT: with the engine. */
  exitCode(): Promise<number | undefined>
}

/** Which container a command is for, as our engine finds it by itself, and what the command is. */
export interface ExecByLabels {
  readonly docker: Docker
  readonly project: string
  readonly service: string
  readonly index: number | undefined
  readonly request: ExecCreateRequest
  /** Called when the engine has been asked. */
  readonly onAsked?: (() => void) | undefined
}

/**
 * Begins it by one call of our engine, which is made over the connection that holds it. Undefined, with nothing done and the engine let go of: there is no
 * such container, or it is another number's, or the engine is of another build. Whoever looks at what there is finds out, and what to say.
 */
export async function beginByLabels(exec: ExecByLabels): Promise<BegunExec | undefined> {
  const { docker, request, service, onAsked } = exec
  try {
    const asking = docker.execIn({ ...request, Labels: serviceContainerLabels(exec) })
    onAsked?.()
    return new ToldExec(docker, await asking, service)
  } catch (error) {
    docker.modem.destroy()
    if (error instanceof Failure && error.kind === 'notFound') return undefined
    throw error
  }
}

/** One whose engine tells in the stream of what it is and how it ends. */
class ToldExec implements BegunExec {
  readonly modem: Docker['modem']
  readonly stream: Duplex
  readonly #service: string
  readonly #exec: Promise<Exec>
  #onExec: (exec: Exec) => void = () => undefined
  readonly #docker: Docker
  #exitCode: number | null | undefined

  constructor(docker: Docker, stream: Duplex, service: string) {
    this.#docker = docker
    this.modem = docker.modem
    this.stream = stream
    this.#service = service
    this.#exec = new Promise(resolve => {
      this.#onExec = resolve
    })
  }

  read(...[onOutput, room]: Parameters<BegunExec['read']>): void {
    readOutput(this.stream, false, onOutput, room, value => {
      const told = value as ExecTold
      if ('Id' in told) this.#onExec(this.#docker.getExec(told.Id))
      else this.#exitCode = told.ExitCode
    })
  }

  async resize({ rows, columns }: TerminalSize): Promise<void> {
    await (await this.#exec).resize({ h: rows, w: columns })
  }

  async exitCode(): Promise<number | undefined> {
    if (this.#exitCode === undefined) throw execCut(this.#service)
    return this.#exitCode ?? undefined
  }
}

/** Starts one that was made, and asks for its end when its output has ended: what any engine can do. */
export async function beginByCalls(
  exec: Exec,
  options: { readonly service: string; readonly tty: boolean; readonly onAsked?: (() => void) | undefined },
): Promise<BegunExec> {
  const { service, tty, onAsked } = options
  const starting = exec.start({ hijack: true, stdin: true, Tty: tty })
  onAsked?.()
  const stream = await lettingGo(exec, 'on failure', () => starting)
  return {
    modem: exec.modem,
    stream,
    read: (onOutput, room) => readOutput(stream, tty, onOutput, room),
    resize: ({ rows, columns }) => exec.resize({ h: rows, w: columns }),
    exitCode: async () => (await ending(exec, service)).ExitCode ?? undefined,
  }
}

/** What is told of a command whose output has ended: it may be the engine that has, and with it all that was known. */
async function ending(exec: Exec, service: string): ReturnType<Exec['inspect']> {
  try {
    return await exec.inspect()
  } catch (cause) {
    if (!(cause instanceof Failure) || !GONE.includes(cause.code)) throw cause
    throw execCut(service, cause)
  }
}

/** For whoever was connected to a command whose engine has ended. */
export function execCut(service: string, cause?: unknown): Failure {
  return failure({
    code: 'EXEC_CUT',
    kind: 'unavailable',
    summary: 'the engine has ended while the command ran: nobody hears what it writes now and how it ends',
    hint: `see whether it still runs: tscompose top ${service}`,
    cause,
  })
}
