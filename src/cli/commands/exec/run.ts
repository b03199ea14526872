import { execCut } from '../../../project/begun-exec.ts'
import { roomIn } from '../../../project/logs/output-stream.ts'
import { type ExecOptions, execContainer, execDetached, openExec } from '../../../project/open-exec.ts'
import type { CommandContext } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { given } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { joinTerminal, sizeOf } from '../../terminal.ts'
import { variables } from '../../variables.ts'
import { tellDryRun } from '../../work.ts'

export interface ExecFlags {
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
  flags: ExecFlags,
): Promise<number> {
  const { detach, env, noTty, privileged, index, user, workdir } = flags
  const { globals, streams } = context
  if (globals.dryRun) {
    const container = await execContainer(targetOf(context), service, given({ index }))
    tellDryRun(context, [`run ${command.join(' ')} in ${container}`])
    return EXIT.ok
  }
  const tty = !noTty && streams.stdout.isTTY === true && streams.stdin.isTTY === true
  const options = { env: variables(env), tty, privileged, ...given({ index, user, workdir }) }
  if (!detach) return runAttached(context, service, command, options)
  await execDetached(targetOf(context), service, command, {
    ...options,
    beforeStart: () => context.ifLost?.tell(),
  })
  return EXIT.ok
}

/** Joins this process's streams with the command's until its output ends. */
async function runAttached(
  context: CommandContext,
  service: string,
  command: readonly string[],
  options: ExecOptions,
): Promise<number> {
  const { streams } = context
  const running = await openExec(targetOf(context), service, command, {
    ...options,
    ...(options.tty ? { size: sizeOf(streams) } : {}),
    onOutput: (kind, bytes) => void (kind === 'stderr' ? streams.stderr : streams.stdout).write(bytes),
    room: () => roomIn([streams.stdout, streams.stderr]),
    beforeStart: () => context.ifLost?.tell(execCut(service)),
    onNotStarted: () => context.ifLost?.takeBack(),
    // Opening standard input takes a while: meanwhile the engine starts the command.
    onStarting: () => setImmediate(() => void streams.stdin),
  })
  const letGo = options.tty === true ? joinTerminal(streams, running) : undefined
  streams.stdin.pipe(running.input)
  try {
    return (await running.ended()) ?? EXIT.failure
  } finally {
    streams.stdin.unpipe(running.input)
    letGo?.()
    // A terminal or pipe that is still open would keep this process alive.
    streams.stdin.destroy()
  }
}
