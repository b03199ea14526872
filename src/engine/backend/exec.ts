import type { ExecBackend } from '../../api/backend/exec.ts'
import type {
  AttachSession,
  ExecCreateRequest,
  ExecCreateResponse,
  ExecInspect,
  ExecStartOptions,
  TerminalSize,
} from '../../api/types/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { ExecSession } from '../../native/index.ts'
import { commandText, publishContainerEvent } from '../events/container-event.ts'
import { mergeOutputs } from '../exec/output.ts'
import { runExec, targetOf, userIn } from '../exec/process.ts'
import { type Exec, ExecStore } from '../exec/store.ts'
import { linkVariables } from '../groups/link-variables.ts'
import { exitCodeOfFailure } from '../runtime/exit-code.ts'
import { wakeContainer } from '../sleep/wake.ts'
import type { EngineContext } from '../state/context.ts'
import { newId } from '../words/ids.ts'

const EXIT_CODE_UNKNOWN = 255

/** Commands in running containers. */
export class Execs implements ExecBackend {
  readonly #engine: EngineContext
  readonly #store = new ExecStore()

  constructor(engine: EngineContext) {
    this.#engine = engine
  }

  get running(): number {
    return this.#store.running
  }

  async create(reference: string, request: ExecCreateRequest): Promise<ExecCreateResponse> {
    const container = this.#engine.containers.resolve(reference)
    await wakeContainer(container)
    const { live } = container
    if (live === undefined || !container.running || container.paused) {
      throw failure({
        code: container.paused ? 'CONTAINER_PAUSED' : 'CONTAINER_NOT_RUNNING',
        kind: 'conflict',
        summary: `container ${container.id} is ${container.paused ? 'paused' : 'not running'}`,
        ...(container.paused ? { facts: { name: container.name, state: 'paused' } } : {}),
      })
    }
    if ((request.Cmd ?? []).length === 0) {
      throw failure({
        code: 'COMMAND_MISSING',
        kind: 'invalidArgument',
        summary: 'no exec command specified',
      })
    }
    const user = request.User ? await userIn(this.#engine, container, request.User) : undefined
    const exec: Exec = {
      ...{ id: newId(), container, request, state: 'created' },
      ...(user === undefined ? {} : { user }),
    }
    this.#store.add(exec, live)
    this.#tell(exec, `exec_create: ${commandText(request.Cmd ?? [])}`)
    return { Id: exec.id }
  }

  async prepare(
    id: string,
    options: ExecStartOptions,
  ): Promise<{ readonly tty: boolean; readonly detachKeys: string | undefined }> {
    const exec = this.#store.resolve(id)
    // One that was started before reads so from its output: Docker Compose starts what it has attached to.
    if (exec.state === 'created') {
      await wakeContainer(exec.container)
      targetOf(exec.container)
    }
    return { tty: options.tty || exec.request.Tty === true, detachKeys: exec.request.DetachKeys }
  }

  async start(id: string, options: ExecStartOptions): Promise<AttachSession> {
    const exec = this.#store.resolve(id)
    const { AttachStdin, AttachStdout, AttachStderr } = exec.request
    const session = await this.#launch(exec, options, AttachStdin === true)
    const ended = this.#watch(exec, session)
    const output = mergeOutputs({ stdout: session.stdout, stderr: session.stderr }, ended)
    const wanted = { stdout: AttachStdout === true, stderr: AttachStderr === true }
    return {
      tty: options.tty || exec.request.Tty === true,
      ...(session.stdin === undefined ? {} : { stdin: session.stdin }),
      output: {
        async *[Symbol.asyncIterator]() {
          for await (const frame of output) if (wanted[frame.stream]) yield frame
        },
      },
      // A client that was killed has not ended its input: the command would wait for more of it for ever.
      close: () => {
        output.end()
        session.stdin?.end()
      },
    }
  }

  async startDetached(id: string, options: ExecStartOptions): Promise<void> {
    const exec = this.#store.resolve(id)
    const session = await this.#launch(exec, options, false)
    const ended = this.#watch(exec, session)
    mergeOutputs({ stdout: session.stdout, stderr: session.stderr }, ended).end()
  }

  async inspect(id: string): Promise<ExecInspect> {
    const exec = this.#store.resolve(id)
    const [entrypoint = '', ...parameters] = exec.request.Cmd ?? []
    return {
      ID: exec.id,
      Running: exec.state === 'running',
      ExitCode: exec.exitCode ?? null,
      ProcessConfig: {
        tty: exec.request.Tty === true,
        entrypoint,
        arguments: parameters,
        privileged: exec.request.Privileged === true,
        ...(exec.request.User ? { user: exec.request.User } : {}),
      },
      OpenStdin: exec.request.AttachStdin === true,
      OpenStdout: exec.request.AttachStdout === true,
      OpenStderr: exec.request.AttachStderr === true,
      CanRemove: false,
      ContainerID: exec.container.id,
      DetachKeys: exec.request.DetachKeys ?? '',
      Pid: exec.pid ?? 0,
    }
  }

  async resize(id: string, size: TerminalSize): Promise<void> {
    const exec = this.#store.resolve(id)
    // A client asks as soon as its connection is made: the command may be starting still.
    if (exec.session === undefined) exec.size = size
    else if (exec.state === 'running') exec.session.resize(size.height, size.width)
  }

  async #launch(exec: Exec, options: ExecStartOptions, stdin: boolean): Promise<ExecSession> {
    checkStartable(exec)
    exec.state = 'running'
    exec.container.users.add(exec)
    const { Cmd = [], Env, WorkingDir, Privileged, Tty, ConsoleSize } = exec.request
    const size = options.size ?? (ConsoleSize && { height: ConsoleSize[0], width: ConsoleSize[1] })
    const tty = options.tty || Tty === true
    try {
      await wakeContainer(exec.container)
      targetOf(exec.container)
      // As Docker tells it: also of one that cannot be executed.
      this.#tell(exec, `exec_start: ${commandText(Cmd)}`)
      checkFolder(WorkingDir)
      const session = await runExec(
        this.#engine,
        exec.container,
        {
          argv: Cmd,
          tty,
          privileged: Privileged === true,
          given: linkVariables(this.#engine.containers, exec.container),
          ...(Env === undefined ? {} : { env: Env }),
          ...(exec.user === undefined ? {} : { user: exec.user }),
          ...(WorkingDir ? { cwd: WorkingDir } : {}),
        },
        { tty, stdin, ...(size === undefined ? {} : { rows: size.height, cols: size.width }) },
      )
      exec.session = session
      exec.pid = session.pid
      if (exec.size !== undefined) session.resize(exec.size.height, exec.size.width)
      return session
    } catch (error) {
      this.#store.end(exec, exitCodeOfFailure(error))
      throw error
    }
  }

  /** Resolves when the exit code is recorded: clients ask for it as soon as the output has ended. */
  async #watch(exec: Exec, session: ExecSession): Promise<void> {
    const exitCode = await this.#exitCodeOf(exec, session)
    this.#store.end(exec, exitCode)
    this.#tell(exec, 'exec_die', { exitCode: String(exitCode) })
  }

  /** A native process that was killed cannot tell: the exec has ended all the same. */
  async #exitCodeOf(exec: Exec, session: ExecSession): Promise<number> {
    try {
      return (await session.exited).exitCode
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const summary = `exec ${exec.id} of ${exec.container.name}: ${error.message}`
      this.#engine.warn({ severity: 'warning', code: error.code, summary })
      return EXIT_CODE_UNKNOWN
    }
  }

  #tell(exec: Exec, action: string, attributes: Readonly<Record<string, string>> = {}): void {
    publishContainerEvent(this.#engine, exec.container, action, { execID: exec.id, ...attributes })
  }
}

function checkFolder(folder: string | undefined): void {
  if (!folder || folder.startsWith('/')) return
  throw failure({
    code: 'WORKING_DIR_INVALID',
    kind: 'invalidArgument',
    summary: `working directory "${folder}" is not absolute`,
    facts: { folder },
  })
}

function checkStartable(exec: Exec): void {
  if (exec.state === 'created') return
  throw failure({
    code: 'EXEC_STARTED',
    kind: 'conflict',
    summary: `exec command ${exec.id} ${exec.state === 'running' ? 'is already running' : 'has already run'}`,
  })
}
