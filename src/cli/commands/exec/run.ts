import type { Duplex } from 'node:stream'
import type { Docker } from '../../../client/index.ts'
import type { CommandContext, CommandModule, RawOptions } from '../../command.ts'
import { pickContainer } from '../../containers.ts'
import { connectEngine } from '../../engine-start.ts'
import { EXIT } from '../../exit-codes.ts'
import { explainMissing } from '../../missing-service.ts'
import { resolveProject } from '../../project-name.ts'
import { readOutput, roomIn } from '../../views/output-stream.ts'

export const run: CommandModule['run'] = async (context, args, raw) => {
  const [service = '', ...command] = args
  const { name, project } = await resolveProject(context, { needsModel: takesVariables(raw) })
  const docker = await connectEngine(context)
  const index = typeof raw['index'] === 'number' ? raw['index'] : undefined
  const container = await pickContainer(docker, name, service, index).catch(cause =>
    explainMissing(context, service, cause),
  )
  const tty = wantsTerminal(context, raw)
  const exec = await docker.getContainer(container.Id).exec({
    Cmd: command,
    Tty: tty,
    AttachStdin: raw['detach'] !== true,
    AttachStdout: raw['detach'] !== true,
    AttachStderr: raw['detach'] !== true,
    Env: variables(raw, project?.environment ?? context.env),
    Privileged: raw['privileged'] === true,
    ...(typeof raw['user'] === 'string' ? { User: raw['user'] } : {}),
    ...(typeof raw['workdir'] === 'string' ? { WorkingDir: raw['workdir'] } : {}),
  })
  if (raw['detach'] === true) {
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

function wantsTerminal(context: CommandContext, raw: RawOptions): boolean {
  // `--no-tty` and its old spelling are negations to commander: tty: false, TTY: false.
  if (raw['tty'] === false || raw['TTY'] === false) return false
  return context.streams.stdout.isTTY === true && context.streams.stdin.isTTY === true
}

/** `-e KEY` takes its value from the project's environment. */
function takesVariables(raw: RawOptions): boolean {
  return Array.isArray(raw['env']) && raw['env'].some(text => !String(text).includes('='))
}

/** `KEY` alone takes its value from here, or is left out where there is none. */
function variables(raw: RawOptions, env: Readonly<Record<string, string | undefined>>): string[] {
  const given = Array.isArray(raw['env']) ? raw['env'].map(String) : []
  return given.flatMap(text => {
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
