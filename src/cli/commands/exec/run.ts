import type { Duplex } from 'node:stream'
import type { Docker } from '../../../client/index.ts'
import { pickContainer } from '../../../project/containers.ts'
import { connectEngine } from '../../../project/engine.ts'
import { readOutput, roomIn } from '../../../project/logs/output-stream.ts'
import { explainMissing } from '../../../project/missing-service.ts'
import { resolveProject } from '../../../project/project-name.ts'
import type { CommandContext } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { given } from '../../option.ts'
import { targetOf } from '../../target.ts'

export interface ExecOptions {
  readonly detach: boolean
  readonly env: readonly string[]
  readonly user: string | undefined
  readonly workdir: string | undefined
  readonly noTty: boolean
  readonly index: number | undefined
  readonly privileged: boolean
}

/** Runs a command in a service's container; returns its exit status. */
export async function runExec(
  context: CommandContext,
  service: string,
  command: readonly string[],
  options: ExecOptions,
): Promise<number> {
  const { detach, env, index, privileged, user, workdir } = options
  const { name, project } = await resolveProject(targetOf(context), { needsModel: takesVariables(env) })
  const docker = await connectEngine(context.env)
  const container = await pickContainer(docker, name, service, index).catch(cause =>
    explainMissing(targetOf(context), service, cause),
  )
  const tty = !options.noTty && isTerminal(context)
  const exec = await docker.getContainer(container.Id).exec({
    Cmd: command,
    Tty: tty,
    AttachStdin: !detach,
    AttachStdout: !detach,
    AttachStderr: !detach,
    Env: variables(env, project?.environment ?? context.env),
    Privileged: privileged,
    ...given({ User: user, WorkingDir: workdir }),
  })
  if (detach) {
    await exec.start({ Detach: true, Tty: tty })
    return EXIT.ok
  }
  const started = exec.start({ hijack: true, stdin: true, Tty: tty })
  // Opening standard input takes a while: meanwhile the engine starts the command.
  setImmediate(() => void context.streams.stdin)
  const stream = await started
  await copy(context, docker, exec.id, stream, tty)
  const { ExitCode } = await exec.inspect()
  return ExitCode ?? EXIT.failure
}

function isTerminal({ streams }: CommandContext): boolean {
  return streams.stdout.isTTY === true && streams.stdin.isTTY === true
}

/** `-e KEY` takes its value from the project's environment. */
function takesVariables(texts: readonly string[]): boolean {
  return texts.some(text => !text.includes('='))
}

/** `KEY` alone takes its value from here, or is left out where there is none. */
function variables(texts: readonly string[], env: CommandContext['env']): string[] {
  return texts.flatMap(text => {
    if (text.includes('=')) return [text]
    const value = env[text]
    return value === undefined ? [] : [`${text}=${value}`]
  })
}

/** Joins this process's streams with the command's until its output ends. With a terminal, keys go through raw. */
async function copy(
  context: CommandContext,
  docker: Docker,
  id: string,
  stream: Duplex,
  tty: boolean,
): Promise<void> {
  const { stdin, stdout, stderr } = context.streams
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('close', resolve)
    stream.once('end', resolve)
    stream.once('error', reject)
  })
  readOutput(
    stream,
    tty,
    (kind, bytes) => void (kind === 'stderr' ? stderr : stdout).write(bytes),
    () => roomIn([stdout, stderr]),
  )
  const resize = (): void => {
    const { rows, columns } = stdout
    void docker.getExec(id).resize({ h: rows, w: columns })
  }
  if (tty) {
    stdin.setRawMode(true)
    stdout.on('resize', resize)
    resize()
  }
  stdin.pipe(stream)
  try {
    await ended
  } finally {
    stdin.unpipe(stream)
    if (tty) {
      stdin.setRawMode(false)
      stdout.off('resize', resize)
    }
    // A terminal or pipe that is still open would keep this process alive.
    stdin.destroy()
  }
}
