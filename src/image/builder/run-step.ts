import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { KeyedMutex } from '../../linux/keyed-mutex.ts'
import { PATH_DEFAULT, PROXY_ARGS } from '../defaults.ts'
import type { LayerDraft } from '../store/layers.ts'
import type { RunInstruction } from './dockerfile/instruction.ts'
import { runLayerStep } from './layer-step.ts'
import { commandArgv } from './metadata.ts'
import { failureAt } from './place.ts'
import { type PlannedMounts, planMounts } from './run-mounts.ts'
import { type BuildRun, mergedTreeOf } from './run-state.ts'
import type { RunMount } from './runner.ts'
import type { StageState } from './state.ts'
import { removeStubs } from './stubs.ts'
import type { WordExpander } from './variables.ts'

/** Name of the container in which a RUN's command finds itself. */
const HOSTNAME = 'build'
/** Where the script of a heredoc that names its own interpreter lies while it runs. */
const SCRIPT_TARGET = '/run/tscompose-heredoc'

/** RUN: the command in a container of its own; what it changes becomes a layer. */
export async function runRunStep(
  run: BuildRun,
  state: StageState,
  instruction: RunInstruction,
  expander: WordExpander,
): Promise<void> {
  const mounts = await planMounts(run, state, instruction, expander)
  const { argv, script } = argvOf(state, instruction)
  const args = argsOf(state)
  const network = expander.word(instruction.network ?? run.options.network ?? 'default')
  const { config, workingDir } = state
  await runLayerStep(run, state, {
    text: historyText(argv, args),
    inputs: ['RUN', argv, script, args, config.Env, config.User ?? '', workingDir, network, mounts.inputs],
    make: async draft => {
      const command: Command = { argv, script, args, network, mounts }
      await withExclusive(mounts.exclusive, () => execute(run, state, instruction, command, draft))
    },
  })
}

interface Command {
  readonly argv: readonly string[]
  readonly script: string | undefined
  readonly args: readonly string[]
  readonly network: string
  readonly mounts: PlannedMounts
}

async function execute(
  run: BuildRun,
  state: StageState,
  instruction: RunInstruction,
  command: Command,
  draft: LayerDraft,
): Promise<void> {
  const { options, lease } = run
  const mounts = [...command.mounts.mounts, ...(await scriptMount(command, draft))]
  const tail = new OutputTail()
  const { exitCode } = await options.runner.run({
    layers: await lease.folders(state.diffIds),
    upper: draft.upper,
    work: draft.work,
    argv: command.argv,
    env: environmentOf(run, state, command),
    cwd: state.workingDir,
    user: state.config.User ?? '',
    mounts,
    network: command.network,
    hostname: HOSTNAME,
    extraHosts: options.extraHosts ?? [],
    ulimits: options.ulimits ?? [],
    ...(options.shmSize === undefined ? {} : { shmSize: options.shmSize }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onOutput: (stream, chunk) => {
      const text = tail.add(stream, chunk)
      if (text !== '') run.emit({ type: 'output', stream, text })
    },
  })
  options.signal?.throwIfAborted()
  if (exitCode !== 0) throw stepFailed(instruction, exitCode, tail)
  const targets = mounts.map(mount => mount.target)
  await removeStubs(draft.upper, await mergedTreeOf(lease, state.diffIds), targets)
}

/** A script that begins with `#!` is run as a file; any other goes to the shell. */
function argvOf(
  state: StageState,
  { command, script }: RunInstruction,
): { argv: readonly string[]; script: string | undefined } {
  if (script === undefined) return { argv: commandArgv(command, state.shell), script: undefined }
  if (script.startsWith('#!')) return { argv: [SCRIPT_TARGET], script }
  return { argv: [...state.shell, script], script: undefined }
}

async function scriptMount({ script }: Command, draft: LayerDraft): Promise<readonly RunMount[]> {
  if (script === undefined) return []
  const source = join(draft.folder, 'script')
  await writeFile(source, script)
  await chmod(source, 0o755)
  return [{ type: 'bind', source, target: SCRIPT_TARGET, readonly: true }]
}

/** Declared arguments that have a value; ENV of the same name wins and makes them moot. */
function argsOf(state: StageState): readonly string[] {
  const environment = state.environment()
  return [...state.args]
    .filter(([name]) => !environment.has(name) && !PROXY_ARGS.has(name))
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
}

function environmentOf(run: BuildRun, state: StageState, command: Command): readonly string[] {
  const environment = state.environment()
  const proxies = Object.entries(run.options.args ?? {})
    .filter(([name]) => PROXY_ARGS.has(name) && !environment.has(name))
    .map(([name, value]) => `${name}=${value}`)
  const path = environment.has('PATH') ? [] : [`PATH=${PATH_DEFAULT}`]
  return [...path, ...proxies, ...command.args, ...(state.config.Env ?? []), ...command.mounts.env]
}

/** As `docker history` shows a RUN: how many arguments, the arguments, the words. */
function historyText(argv: readonly string[], args: readonly string[]): string {
  const prefix = args.length === 0 ? [] : [`|${args.length}`, ...args]
  return ['RUN', ...prefix, ...argv].join(' ')
}

function stepFailed(instruction: RunInstruction, exitCode: number, tail: OutputTail): Error {
  const { command } = instruction
  const shown = command.form === 'shell' ? command.line : JSON.stringify(command.argv)
  const detail = tail.last()
  return failureAt(instruction.range, {
    code: 'BUILD_STEP_FAILED',
    summary: `RUN ${shown.split('\n')[0]} ended with exit code ${exitCode}`,
    ...(detail === '' ? {} : { detail }),
  })
}

const locks = new KeyedMutex()

/** Runs work that has these names for itself; always taken in the same order, so that two never wait for each other. */
function withExclusive<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
  return [...new Set(names)].sort().reduceRight((inner, name) => () => locks.run(name, inner), work)()
}

const KEPT_LINES = 25
const KEPT_CHARACTERS = 8_000

/** Decodes a command's output as it comes and keeps its last lines for the failure. */
class OutputTail {
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
  #tail = ''

  /** The text of a chunk; a character cut in two comes with the next one. */
  add(stream: 'stdout' | 'stderr', chunk: Uint8Array): string {
    const text = this.#decoders[stream].write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#tail = `${this.#tail}${text}`.slice(-KEPT_CHARACTERS)
    return text
  }

  /** The last lines. */
  last(): string {
    return this.#tail.trimEnd().split('\n').slice(-KEPT_LINES).join('\n')
  }
}
