import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { failure } from '../../diagnostics/index.ts'
import { KeyedMutex } from '../../linux/keyed-mutex.ts'
import type { LayerDraft } from '../store/layers.ts'
import type { Making, StepKind } from './layer-step.ts'
import { mountPointsLayer } from './mount-points.ts'
import { cacheName, type SetUp, type StepMount, setupMounts } from './mount-setup.ts'
import { mergedTreeOf } from './run-state.ts'
import type { RunMount, StepLimit } from './runner.ts'
import type { Keyed } from './step-key.ts'
import { removeStubs } from './stubs.ts'

/** All that the command of a RUN sees, besides the layers below. */
export interface RunInputs {
  readonly argv: readonly string[]
  /** The only word of `argv` is the text of a script, which names its own interpreter. */
  readonly isScript: boolean
  /** The command as it is written, for a failure. */
  readonly shown: Keyed<string>
  /** `NAME=value`. */
  readonly env: readonly string[]
  /** Proxies that nothing in the Dockerfile speaks of. */
  readonly proxies: Keyed<readonly string[]>
  readonly cwd: string
  readonly user: string
  readonly network: string
  /** `--security=insecure`. */
  readonly privileged: boolean
  readonly extraHosts: readonly string[]
  readonly ulimits: readonly StepLimit[]
  readonly shmSize: number | undefined
  readonly memory: number | undefined
  readonly mounts: readonly StepMount[]
}

/** Name of the container in which a RUN's command finds itself. */
const HOSTNAME = 'build'
/** Where the script of a heredoc that names its own interpreter lies while it runs. */
const SCRIPT_TARGET = '/run/tscompose-heredoc'

/** RUN: executes the command; what it changes is the layer. */
export const RUN: StepKind<RunInputs> = {
  keyword: 'RUN',
  actsBeside: true,
  make: making => withExclusive(exclusiveCaches(making.inputs), () => execute(making)),
}

async function execute(making: Making<RunInputs>): Promise<void> {
  const setUp = await setupMounts(making.tools, making.inputs.mounts)
  try {
    await executeWith(making, setUp)
  } finally {
    setUp.end()
  }
}

async function executeWith(
  { tools, inputs, below, draft }: Making<RunInputs>,
  { mounts: given, env: secrets }: SetUp,
): Promise<void> {
  const { runner, lease, emit, signal } = tools
  const { argv, isScript, shown, env, proxies, mounts: _planned, shmSize, memory, ...rest } = inputs
  const mounts = [...given, ...(isScript ? await scriptMount(argv.join(''), draft) : [])]
  const tree = await mergedTreeOf(lease, below)
  const mountPoints = await mountPointsLayer(lease, tree, mounts)
  const tail = new OutputTail()
  const { exitCode } = await runner.run({
    ...rest,
    layers: [...(await lease.folders(below)), mountPoints],
    upper: draft.upper,
    work: draft.work,
    argv: isScript ? [SCRIPT_TARGET] : argv,
    env: [...proxies.value, ...env, ...secrets],
    mounts,
    hostname: HOSTNAME,
    ...(shmSize === undefined ? {} : { shmSize }),
    ...(memory === undefined ? {} : { memory }),
    ...(signal === undefined ? {} : { signal }),
    onOutput: (stream, chunk) => {
      const text = tail.add(stream, chunk)
      if (text !== '') emit({ type: 'output', stream, text })
    },
  })
  signal?.throwIfAborted()
  if (exitCode !== 0) throw stepFailed(isScript ? shown.value : argv.join(' '), exitCode, tail)
  const targets = mounts.map(mount => mount.target)
  await removeStubs(draft.upper, tree, targets)
}

async function scriptMount(script: string, draft: LayerDraft): Promise<readonly RunMount[]> {
  const source = join(draft.folder, 'script')
  await writeFile(source, script)
  await chmod(source, 0o755)
  return [{ type: 'bind', source, target: SCRIPT_TARGET, readonly: true }]
}

function stepFailed(shown: string, exitCode: number, tail: OutputTail): Error {
  const detail = tail.last()
  return failure({
    code: 'BUILD_STEP_FAILED',
    kind: 'invalidArgument',
    summary: `process "${shown.split('\n')[0]}" did not complete successfully: exit code: ${exitCode}`,
    facts: { command: shown.split('\n')[0] ?? '', exitCode: String(exitCode) },
    exitStatus: exitCode,
    ...(detail === '' ? {} : { detail }),
  })
}

const locks = new KeyedMutex()

/** `private` promises a cache of its own to each command at the same time; one after the other keeps that promise. */
function exclusiveCaches({ mounts }: RunInputs): readonly string[] {
  return mounts.flatMap(mount =>
    mount.type === 'cache' && mount.sharing !== 'shared' ? [cacheName(mount)] : [],
  )
}

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
