import { type Diagnostic, Failure, failure } from '../../../diagnostics/index.ts'
import { parseSwitch } from '../../../notation/index.ts'
import type { PullPolicy } from '../../../planner/index.ts'
import { openRun, runDetached } from '../../../project/run/run.ts'
import type { RunTermsRequest } from '../../../project/run/start-run.ts'
import type { WorkOptions } from '../../../project/run-plan.ts'
import type { CommandContext } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { whileInterruptible } from '../../interrupt.ts'
import { goOnWithContainer, joinContainer, leaveTo, outputTo } from '../../joined.ts'
import { given } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { sizeOf } from '../../terminal.ts'
import { variables } from '../../variables.ts'
import { printDiagnostics, showWork } from '../../work.ts'

export interface RunFlags {
  readonly rm: boolean
  readonly detach: boolean
  readonly env: readonly string[]
  readonly envFromFile: readonly string[]
  readonly noTty: boolean
  readonly tty: boolean
  readonly interactive: boolean
  readonly noDeps: boolean
  readonly entrypoint: string | undefined
  readonly user: string | undefined
  readonly workdir: string | undefined
  readonly volume: readonly string[]
  readonly label: readonly string[]
  readonly publish: readonly string[]
  readonly servicePorts: boolean
  readonly useAliases: boolean
  readonly name: string | undefined
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
  readonly build: boolean
  readonly pull: PullPolicy | undefined
  readonly quiet: boolean
  readonly quietPull: boolean
  readonly quietBuild: boolean
  readonly removeOrphans: boolean
}

/** The exit statuses of a command that could not be begun, as a shell has them. */
const NOT_BEGUN: Readonly<Record<string, number>> = { COMMAND_NOT_FOUND: 127, COMMAND_NOT_EXECUTABLE: 126 }

/** Runs a one-off container; returns its command's exit status. */
export async function runRun(
  context: CommandContext,
  service: string,
  command: readonly string[],
  flags: RunFlags,
): Promise<number> {
  const terms = termsOf(context, flags)
  try {
    return flags.detach
      ? await runAlone(context, service, command, flags, terms)
      : await runJoined(context, service, command, flags, terms)
  } catch (error) {
    const code = error instanceof Failure ? NOT_BEGUN[error.code] : undefined
    if (code === undefined || !(error instanceof Failure)) throw error
    printDiagnostics(context, command.length === 0 ? error.diagnostics : error.diagnostics.map(withoutPlace))
    return code
  }
}

/** The command is not the file's. */
function withoutPlace({ range: _range, path: _path, ...diagnostic }: Diagnostic): Diagnostic {
  return diagnostic
}

async function runAlone(
  context: CommandContext,
  service: string,
  command: readonly string[],
  flags: RunFlags,
  terms: RunTermsRequest,
): Promise<number> {
  const { container } = await prepare(context, flags, work =>
    runDetached(targetOf(context), service, command, { ...terms, ...work }),
  )
  if (container !== undefined) context.streams.stdout.write(`${container.id}\n`)
  return EXIT.ok
}

async function runJoined(
  context: CommandContext,
  service: string,
  command: readonly string[],
  flags: RunFlags,
  terms: RunTermsRequest,
): Promise<number> {
  const { left } = context
  const status = left === undefined ? undefined : await goOnWithContainer(context, left, { signals: true })
  if (status !== undefined) return status
  const running = await prepare(context, flags, work =>
    openRun(targetOf(context), service, command, {
      ...terms,
      ...work,
      ...outputTo(context),
      ...leaveTo(context.ifLost),
    }),
  )
  if (running === undefined) return EXIT.ok
  const { tty = false, stdinOpen: stdin = false } = terms
  return joinContainer(context, running, { tty, stdin, signals: true })
}

/** What comes before is shown as work is, and can be interrupted; the container's own output is not mixed with it. */
function prepare<T>(
  context: CommandContext,
  { quiet, quietPull, quietBuild, detach }: RunFlags,
  start: (work: Omit<WorkOptions, 'beforeStart'> & Pick<RunTermsRequest, 'beforeStart'>) => Promise<T>,
): Promise<T> {
  const shown = quiet ? { ...context, globals: { ...context.globals, progress: 'quiet' as const } } : context
  const view = { quietBuild: quietBuild || quietPull, besideLogs: 'from first start' } as const
  return whileInterruptible(context.signals, signal =>
    showWork(shown, view, ({ beforeStart, ...work }) =>
      start({
        ...work,
        signal,
        ...(quiet ? { onWait: () => undefined } : {}),
        // The view asks for no more than that something is about to be written.
        beforeStart: async () => {
          // Who is joined with the container says what is to be done before that one starts.
          if (detach) context.ifLost?.tell()
          await beforeStart?.({ id: '', name: '', service: '' })
        },
      }),
    ),
  )
}

function termsOf(context: CommandContext, flags: RunFlags): RunTermsRequest {
  const { env, streams } = context
  const { entrypoint, user, workdir, name, pull } = flags
  const tty = terminalOf(streams, flags)
  return {
    tty,
    ...(tty && streams.stdout.isTTY === true ? { size: sizeOf(streams) } : {}),
    stdinOpen: flags.interactive,
    autoRemove: flags.rm,
    servicePorts: flags.servicePorts,
    noDeps: flags.noDeps,
    useAliases: flags.useAliases,
    removeOrphans: flags.removeOrphans || parseSwitch(env['COMPOSE_REMOVE_ORPHANS']) === true,
    ignoreOrphans: parseSwitch(env['COMPOSE_IGNORE_ORPHANS']) === true,
    ...(flags.build ? { build: 'always' as const } : {}),
    ...given({ entrypoint, user, workdir, name, pull }),
    env: variables(flags.env),
    envFiles: flags.envFromFile,
    labels: Object.fromEntries(
      Object.entries(variables(flags.label)).map(([key, text]) => [key, text ?? '']),
    ),
    volumes: flags.volume,
    ports: flags.publish,
    capAdd: flags.capAdd,
    capDrop: flags.capDrop,
  }
}

/** A terminal is what both ends must be, unless it is asked for: then the input must be one, where it is given on. */
function terminalOf(
  { stdin, stdout }: CommandContext['streams'],
  { noTty, tty, interactive, detach }: RunFlags,
): boolean {
  if (noTty) return false
  if (!tty) return stdout.isTTY === true && (stdin.isTTY === true || !interactive)
  if (!interactive || detach || stdin.isTTY === true) return true
  throw failure({
    code: 'NO_TERMINAL',
    kind: 'invalidArgument',
    summary: '--tty wants a terminal, and the input is none',
    hint: 'leave --tty out, or give the container no input with --interactive=false',
  })
}
