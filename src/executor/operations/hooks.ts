import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { failure } from '../../diagnostics/index.ts'
import type { Hook } from '../../model/index.ts'
import { environmentOf } from '../create-request/index.ts'
import { compact, nonEmpty } from '../create-request/input.ts'
import type { DockerContainer } from '../docker.ts'
import type { Executor, OperationContext } from '../execution.ts'
import { linesOf } from './lines.ts'

/** Lines of output that a failure shows. */
/** Lines that a failure shows of what a step said last. */
export const SHOWN_LINES = 10
const SHOWN_BYTES = 2048

/** Runs a `post_start` or `pre_stop` command in the container; a status other than 0 is a failure. */
export const runHook: Executor<'runHook'> = async (operation, context) => {
  const { container: ref, hook, serviceName } = operation
  const { lines, exitCode } = await runCommand(context.execution.container(ref), ref.name, hook, context)
  if (exitCode === 0) return
  throw failure({
    code: 'HOOK_FAILED',
    summary: `${operation.when} hook of service "${serviceName}" exited with status ${exitCode}`,
    ...(lines.length === 0 ? {} : { detail: lastLines(lines) }),
  })
}

async function runCommand(
  container: DockerContainer,
  name: string,
  hook: Hook,
  { execution }: OperationContext,
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
  const collect = (): { sink: Writable; done: Promise<void> } =>
    lineSink(line => {
      lines.push(line)
      execution.options.onHookOutput?.(name, line)
    })
  const outputs = [collect(), collect()] as const
  execution.docker.modem.demuxStream(stream, outputs[0].sink, outputs[1].sink)
  // Nothing is written to the command, so our half may close at once.
  stream.end()
  await finished(stream, { writable: false })
  for (const { sink } of outputs) sink.end()
  await Promise.all(outputs.map(({ done }) => done))
  const { ExitCode } = await exec.inspect()
  return { lines, exitCode: ExitCode ?? -1 }
}

/** A stream to write to that gives its lines away. */
function lineSink(onLine: (line: string) => void): { sink: Writable; done: Promise<void> } {
  const chunks: unknown[] = []
  const sink = new Writable({
    write(chunk, _encoding, next) {
      chunks.push(chunk)
      next()
    },
  })
  const drain = async (): Promise<void> => {
    await finished(sink)
    for await (const line of linesOf(iterate(chunks))) onLine(line)
  }
  return { sink, done: drain() }
}

async function* iterate(chunks: readonly unknown[]): AsyncGenerator<unknown> {
  yield* chunks
}

/** The end of what a command said: ten lines, two thousand bytes. */
export function lastLines(lines: readonly string[]): string {
  return lines.slice(-SHOWN_LINES).join('\n').slice(-SHOWN_BYTES)
}
