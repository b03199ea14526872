import { Readable } from 'node:stream'
import type { LogStream } from './logs/output-stream.ts'
import { type ExecOptions, type OpenExecOptions, openExec } from './open-exec.ts'
import type { Target } from './target.ts'

export interface ExecRequest extends Omit<ExecOptions, 'tty' | 'size'>, Pick<OpenExecOptions, 'signal'> {
  /** What the command reads; nothing without. */
  readonly input?: string | Uint8Array | Readable
  /** Hears output as it comes, cut anywhere; it is in the result all the same. */
  readonly onOutput?: OpenExecOptions['onOutput']
}

/** How a command in a container ended. */
export interface ExecResult {
  /** -1 for one that runs on though its output has ended. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a command in a running container of a service to its end, without a terminal. Errors: SERVICE_NOT_RUNNING,
 * NO_SUCH_SERVICE, EXEC_CUT; what `input` fails with; Interrupted after an abort, which the command does not hear of.
 */
export async function exec(
  target: Target,
  service: string,
  command: readonly string[],
  request: ExecRequest = {},
): Promise<ExecResult> {
  const { input, onOutput, ...options } = request
  const output: Record<LogStream, Buffer[]> = { stdout: [], stderr: [] }
  const running = await openExec(target, service, command, {
    ...options,
    onOutput: (kind, bytes) => {
      output[kind].push(bytes)
      onOutput?.(kind, bytes)
    },
  })
  if (input instanceof Readable)
    input.once('error', error => running.input.destroy(error)).pipe(running.input)
  else running.input.end(input)
  const exitCode = (await running.ended()) ?? -1
  const text = (kind: LogStream): string => Buffer.concat(output[kind]).toString('utf8')
  return { exitCode, stdout: text('stdout'), stderr: text('stderr') }
}
