import { PATH_DEFAULT, PROXY_ARGS } from '../defaults.ts'
import type { RunInstruction } from './dockerfile/instruction.ts'
import { runLayerStep } from './layer-step.ts'
import { commandArgv } from './metadata.ts'
import { RUN, type RunInputs } from './run-command.ts'
import { planMounts } from './run-mounts.ts'
import type { BuildRun } from './run-state.ts'
import type { StageState } from './state.ts'
import { Keyed } from './step-key.ts'
import type { WordExpander } from './variables.ts'

/** RUN: the command in a container of its own; what it changes becomes a layer. */
export async function runRunStep(
  run: BuildRun,
  state: StageState,
  instruction: RunInstruction,
  expander: WordExpander,
): Promise<void> {
  const { options } = run
  const args = argsOf(state)
  const command = commandOf(state, instruction)
  const inputs: RunInputs = {
    ...command,
    env: [...defaultPath(state), ...args, ...(state.config.Env ?? [])],
    proxies: Keyed.never(proxiesOf(run, state)),
    cwd: state.workingDir,
    user: state.config.User ?? '',
    network: expander.word(instruction.network ?? options.network ?? 'default'),
    extraHosts: options.extraHosts ?? [],
    ulimits: (options.ulimits ?? []).map(limit => ({ ...limit })),
    shmSize: options.shmSize,
    mounts: await planMounts(run, state, instruction, expander),
  }
  const text = historyText(command.argv, args)
  await runLayerStep(run, state, { kind: RUN, inputs, text })
}

/** A script that begins with `#!` is run as a file; any other goes to the shell. */
function commandOf(
  state: StageState,
  { command, script }: RunInstruction,
): Pick<RunInputs, 'argv' | 'isScript' | 'shown'> {
  const shown = Keyed.never(command.form === 'shell' ? command.line : JSON.stringify(command.argv))
  if (script === undefined) return { argv: commandArgv(command, state.shell), isScript: false, shown }
  if (script.startsWith('#!')) return { argv: [script], isScript: true, shown }
  return { argv: [...state.shell, script], isScript: false, shown }
}

/** Declared arguments that have a value; ENV of the same name wins and makes them moot. */
function argsOf(state: StageState): readonly string[] {
  const environment = state.environment()
  return [...state.args]
    .filter(([name]) => !environment.has(name))
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
}

function defaultPath(state: StageState): readonly string[] {
  return state.environment().has('PATH') ? [] : [`PATH=${PATH_DEFAULT}`]
}

/** Proxies that were given to the build and that no ARG and no ENV speaks of. */
function proxiesOf(run: BuildRun, state: StageState): readonly string[] {
  const environment = state.environment()
  return Object.entries(run.options.args ?? {})
    .filter(([name]) => PROXY_ARGS.has(name) && !environment.has(name) && !state.args.has(name))
    .map(([name, value]) => `${name}=${value}`)
}

/** As `docker history` shows a RUN: how many arguments, the arguments, the words. */
function historyText(argv: readonly string[], args: readonly string[]): string {
  const prefix = args.length === 0 ? [] : [`|${args.length}`, ...args]
  return ['RUN', ...prefix, ...argv].join(' ')
}
