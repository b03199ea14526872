import { PATH_DEFAULT, PROXY_ARGS } from '../defaults.ts'
import type { RunInstruction } from './dockerfile/instruction.ts'
import { RAN } from './history-text.ts'
import { runLayerStep } from './layer-step.ts'
import { commandArgv } from './metadata.ts'
import type { BuildOptions, Entitlement } from './options.ts'
import { failureAt } from './place.ts'
import { RUN, type RunInputs } from './run-command.ts'
import { planMounts } from './run-mounts.ts'
import type { BuildRun } from './run-state.ts'
import { checkRun } from './stage-platform.ts'
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
  checkRun(run, state.index, instruction.range)
  const command = commandOf(state, instruction)
  const network = expander.word(instruction.network ?? options.network ?? 'default')
  checkEntitled(options, instruction, { network, privileged: instruction.insecure })
  const inputs: RunInputs = {
    ...command,
    env: environmentOf(state),
    proxies: Keyed.never(proxiesOf(run, state)),
    cwd: state.workingDir,
    user: state.config.User ?? '',
    network,
    privileged: instruction.insecure,
    extraHosts: options.extraHosts ?? [],
    ulimits: (options.ulimits ?? []).map(limit => ({ ...limit })),
    shmSize: options.shmSize,
    memory: options.memory,
    mounts: await planMounts(run, state, instruction, expander),
  }
  const text = historyText(command.isScript ? shellOf(state, instruction) : command.argv, state)
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

function environmentOf({ variables }: StageState): readonly string[] {
  const path = variables.has('PATH') ? [] : [`PATH=${PATH_DEFAULT}`]
  return [...path, ...[...variables].map(([name, value]) => `${name}=${value}`)]
}

/** Proxies that were given to the build and that no ARG and no ENV sets: in both spellings, as programs look for either. */
function proxiesOf({ options }: BuildRun, { variables, args }: StageState): readonly string[] {
  const given = Object.entries(options.args ?? {}).filter(([name]) => PROXY_ARGS.has(name))
  const spelled = given.flatMap(([name, value]) => [
    [name, value] as const,
    [name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase(), value] as const,
  ])
  const seen = new Map([...spelled, ...given].filter(([name]) => !variables.has(name) && !args.has(name)))
  return [...seen].map(([name, value]) => `${name}=${value}`)
}

/** A script that names its own interpreter, told as BuildKit tells it: by the place where its builder has it. */
function shellOf({ shell }: StageState, { scriptName = '' }: RunInstruction): readonly string[] {
  return [...shell, `/dev/pipes/${scriptName}`]
}

/** As `docker history` shows a RUN: how many arguments, the arguments, the words. */
function historyText(argv: readonly string[], { args, variables }: StageState): string {
  const shown = [...args.keys()].map(name => `${name}=${variables.get(name) ?? ''}`)
  const prefix = shown.length === 0 ? [] : [`|${shown.length}`, ...shown]
  return `${['RUN', ...prefix, ...argv].join(' ')}${RAN}`
}

/** Raises BUILD_ENTITLEMENT, at its line, for a RUN that asks for more than the build allows it. */
function checkEntitled(
  { network, entitlements = [] }: Pick<BuildOptions, 'network' | 'entitlements'>,
  instruction: RunInstruction,
  asked: { readonly network: string; readonly privileged: boolean },
): void {
  // A build whose network is the host's was asked for that already.
  if (asked.network === 'host' && network !== 'host' && !entitlements.includes('network.host'))
    throw refused(instruction, '--network=host', 'network.host')
  if (asked.privileged && !entitlements.includes('security.insecure'))
    throw refused(instruction, '--security=insecure', 'security.insecure')
}

function refused({ range }: RunInstruction, flag: string, entitlement: Entitlement): Error {
  return failureAt(range, {
    code: 'BUILD_ENTITLEMENT',
    summary: `RUN ${flag} is not allowed to this build`,
    hint: `allow it by build.entitlements: [${entitlement}]`,
  })
}
