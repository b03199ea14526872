import { pickContainer } from './containers.ts'
import { connectEngine } from './engine.ts'
import { type LogStream, readOutput } from './logs/output-stream.ts'
import { resolveProject } from './project-name.ts'
import { environmentOf, type Target } from './target.ts'

export interface ExecRequest {
  readonly env?: Readonly<Record<string, string>>
  readonly user?: string
  readonly workdir?: string
  /** This container of a service that has several. */
  readonly index?: number
  readonly privileged?: boolean
  /** What the command reads; nothing without. */
  readonly input?: string | Uint8Array
  /** Hears output as it comes, cut anywhere; it is in the result all the same. */
  readonly onOutput?: (stream: LogStream, bytes: Buffer) => void
}

/** How a command in a container ended. */
export interface ExecResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command in a running container of a service, without a terminal. Errors: SERVICE_NOT_RUNNING. */
export async function exec(
  target: Target,
  service: string,
  command: readonly string[],
  request: ExecRequest = {},
): Promise<ExecResult> {
  const { env = {}, user, workdir, index, privileged = false, input } = request
  const { name } = await resolveProject(target)
  const docker = await connectEngine(environmentOf(target))
  const container = await pickContainer(docker, name, service, index)
  const made = await docker.getContainer(container.Id).exec({
    Cmd: command,
    AttachStdin: input !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    Privileged: privileged,
    ...(user === undefined ? {} : { User: user }),
    ...(workdir === undefined ? {} : { WorkingDir: workdir }),
  })
  const stream = await made.start({ hijack: true, stdin: input !== undefined })
  const output: Record<LogStream, Buffer[]> = { stdout: [], stderr: [] }
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('end', resolve).once('close', resolve).once('error', reject)
  })
  readOutput(
    stream,
    false,
    (kind, bytes) => {
      output[kind].push(bytes)
      request.onOutput?.(kind, bytes)
    },
    () => undefined,
  )
  stream.end(input)
  await ended
  const { ExitCode } = await made.inspect()
  const text = (kind: LogStream): string => Buffer.concat(output[kind]).toString('utf8')
  return { exitCode: ExitCode ?? -1, stdout: text('stdout'), stderr: text('stderr') }
}
