import { type Duplex, PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { Hook } from '../../model/index.ts'
import { environmentOf } from '../create-request/index.ts'
import { compact, nonEmpty } from '../create-request/input.ts'
import { interrupted, poll } from '../delay.ts'
import type { DockerContainer } from '../docker.ts'
import type { Executor, OperationContext } from '../execution.ts'
import { linesOf } from './lines.ts'

/** Lines that a failure shows of what a step said last. */
export const SHOWN_LINES = 10
const SHOWN_BYTES = 2048

/**
 * Runs a `post_start` or `pre_stop` command in the container; a status other than 0 is a failure. One that may be too late is none
 * where the container has ended meanwhile.
 */
export const runHook: Executor<'runHook'> = async (operation, context) => {
  const { container: ref, hook, serviceName, unlessEnded } = operation
  const container = context.execution.container(ref)
  let status: number | undefined
  try {
    const { lines, exitCode } = await runCommand(container, ref.name, hook, context)
    status = exitCode
    if (exitCode === 0) return
    throw failure({
      code: 'HOOK_FAILED',
      summary: `${operation.when} hook of service "${serviceName}" exited with status ${exitCode}`,
      ...(lines.length === 0 ? {} : { detail: lastLines(lines) }),
    })
  } catch (error) {
    if (unlessEnded !== true || !(await hasEnded(container, status === NOT_STARTED ? END_TOLD : 0)))
      throw error
  }
}

/** What a command ends with that could not be started. */
const NOT_STARTED = 128
/** Milliseconds in which an engine tells of an end that a command has met before. */
const END_TOLD = 1_000

/** Whether a container has ended, or that is told within so many milliseconds. */
async function hasEnded(container: DockerContainer, patience: number): Promise<boolean> {
  const end = performance.now() + patience
  const look = async (): Promise<boolean | undefined> => {
    if (!(await isRunning(container))) return true
    return performance.now() < end ? undefined : false
  }
  return await poll(look, undefined)
}

async function isRunning(container: DockerContainer): Promise<boolean> {
  try {
    return (await container.inspect()).State.Running
  } catch (error) {
    if (error instanceof Failure && error.kind === 'notFound') return false
    throw error
  }
}

async function runCommand(
  container: DockerContainer,
  name: string,
  hook: Hook,
  { execution: { docker, options } }: OperationContext,
): Promise<{ lines: readonly string[]; exitCode: number }> {
  const exec = await container.exec(
    compact({
      Cmd: hook.command ?? [],
      User: hook.user,
      Privileged: hook.privileged,
      WorkingDir: hook.working_dir,
      Env: nonEmpty(environmentOf(hook.environment)),
      AttachStdout: true,
      AttachStderr: true,
    }),
  )
  const stream = await exec.start({ hijack: true })
  const lines: string[] = []
  const outputs = [new PassThrough(), new PassThrough()] as const
  const read = outputs.map(async output => {
    for await (const line of linesOf(output)) {
      lines.push(line)
      options.onHookOutput?.(name, line)
    }
  })
  docker.modem.demuxStream(stream, outputs[0], outputs[1])
  // Nothing is written to the command, so our half may close at once.
  stream.end()
  try {
    await untilEnd(stream, options.signal)
  } finally {
    for (const output of outputs) output.end()
  }
  await Promise.all(read)
  const { ExitCode } = await exec.inspect()
  return { lines, exitCode: ExitCode ?? -1 }
}

/** Who is interrupted waits for no hook: the command goes on in the container, which is most likely stopped next. */
async function untilEnd(stream: Duplex, signal: AbortSignal | undefined): Promise<void> {
  const leave = (): void => void stream.destroy()
  signal?.addEventListener('abort', leave, { once: true })
  try {
    if (signal?.aborted === true) leave()
    await finished(stream, { writable: false })
  } catch (error) {
    if (signal?.aborted === true) throw interrupted()
    throw error
  } finally {
    signal?.removeEventListener('abort', leave)
  }
}

/** The end of what a command said: ten lines, two thousand bytes. */
export function lastLines(lines: readonly string[]): string {
  return lines.slice(-SHOWN_LINES).join('\n').slice(-SHOWN_BYTES)
}
