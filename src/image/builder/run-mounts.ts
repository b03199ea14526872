import { chmod, chown, cp, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { parseBytes, parseSwitch } from '../../notation/index.ts'
import { digestTree } from './digest-tree.ts'
import type { RunInstruction } from './dockerfile/instruction.ts'
import { mountFields, mountProblem } from './dockerfile/mount-fields.ts'
import { failureAt } from './place.ts'
import { folderRoot, resolveRoot, type SourceRoot } from './roots.ts'
import type { BuildRun } from './run-state.ts'
import type { RunMount } from './runner.ts'
import { matchSources, type SourceMatch } from './sources.ts'
import type { StageState } from './state.ts'
import type { WordExpander } from './variables.ts'

/** The mounts of a RUN, and what of them decides its result. */
export interface PlannedMounts {
  readonly mounts: readonly RunMount[]
  /** `NAME=value` of secrets that are wanted as variables; never part of a key. */
  readonly env: readonly string[]
  readonly inputs: readonly unknown[]
  /** Names of caches that one command at a time may use. */
  readonly exclusive: readonly string[]
}

interface PlannedMount {
  readonly mount?: RunMount
  readonly env?: string
  readonly input: unknown
  readonly exclusive?: string
}

interface MountRequest {
  readonly run: BuildRun
  readonly state: StageState
  readonly instruction: RunInstruction
  readonly fields: ReadonlyMap<string, string>
}

type Planner = (request: MountRequest) => Promise<PlannedMount>

const PLANNERS: Readonly<Record<string, Planner>> = {
  bind: planBind,
  cache: planCache,
  tmpfs: planTmpfs,
  secret: planSecret,
}

/** Resolves the `--mount` flags of a RUN. */
export async function planMounts(
  run: BuildRun,
  state: StageState,
  instruction: RunInstruction,
  expander: WordExpander,
): Promise<PlannedMounts> {
  const planned: PlannedMount[] = []
  for (const text of instruction.mounts) {
    const expanded = expander.word(text)
    const wrong = mountProblem(expanded)
    if (wrong !== undefined) throw unsupported(instruction, wrong)
    const fields = mountFields(expanded)
    const planner = PLANNERS[fields.get('type') ?? 'bind'] ?? planBind
    planned.push(await planner({ run, state, instruction, fields }))
  }
  return {
    mounts: planned.flatMap(({ mount }) => mount ?? []),
    env: planned.flatMap(({ env }) => env ?? []),
    inputs: planned.map(({ input }) => input),
    exclusive: planned.flatMap(({ exclusive }) => exclusive ?? []),
  }
}

/** A bind is read-only; with `rw` the command gets a copy of its own, whose changes are thrown away. */
async function planBind({ run, state, instruction, fields }: MountRequest): Promise<PlannedMount> {
  const from = fields.get('from')
  const root = from === undefined ? contextRoot(run) : await resolveRoot(run, from, state.index)
  const path = fields.get('source') ?? fields.get('src') ?? '/'
  const [match] = await matchSources(root.tree, path)
  if (match === undefined) {
    throw failureAt(instruction.range, {
      code: 'COPY_SOURCE_MISSING',
      summary: `mount source "${path}" is missing`,
    })
  }
  const target = targetOf(state, instruction, fields)
  const writable = isTrue(fields, 'rw', 'readwrite')
  const input = ['bind', target, writable, root.contentId ?? (await digestTree(match.hostPath)), match.path]
  if (root.source.type === 'layers') {
    return { mount: { type: 'layers', layers: root.source.layers, path: match.path, target }, input }
  }
  const source = writable ? await copyOf(run, match) : match.hostPath
  return { mount: { type: 'bind', source, target, readonly: !writable }, input }
}

function contextRoot(run: BuildRun): SourceRoot {
  return folderRoot(run.context.folder)
}

async function copyOf(run: BuildRun, match: SourceMatch): Promise<string> {
  const copy = join(await run.lease.tempFolder(), 'bind')
  await cp(match.hostPath, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  return copy
}

/** A cache outlives the build and decides nothing: only its place is part of the key. */
async function planCache({ run, state, instruction, fields }: MountRequest): Promise<PlannedMount> {
  if (fields.has('from'))
    throw unsupported(instruction, 'mount type "cache" with "from" is not supported yet')
  const target = targetOf(state, instruction, fields)
  const id = fields.get('id') ?? target
  const source = await run.lease.cacheMount(id)
  await applyOwner(source, fields, 0o755)
  return {
    mount: { type: 'bind', source, target, readonly: isTrue(fields, 'ro', 'readonly') },
    input: ['cache', id, target],
    // `private` promises a cache of its own to each command at the same time; one after the other keeps that promise.
    ...((fields.get('sharing') ?? 'shared') === 'shared' ? {} : { exclusive: id }),
  }
}

async function planTmpfs({ state, instruction, fields }: MountRequest): Promise<PlannedMount> {
  const target = targetOf(state, instruction, fields)
  const sizeBytes = parseBytes(fields.get('size') ?? '')
  return {
    mount: { type: 'tmpfs', target, ...(sizeBytes === undefined ? {} : { sizeBytes: Number(sizeBytes) }) },
    input: ['tmpfs', target],
  }
}

async function planSecret({ run, state, instruction, fields }: MountRequest): Promise<PlannedMount> {
  const target = targetIfAny(state, fields)
  const id = fields.get('id') ?? (target === undefined ? undefined : posix.basename(target))
  if (id === undefined) throw unsupported(instruction, 'mount type "secret" needs an id or a target')
  const secrets = run.options.secrets ?? {}
  const value = Object.hasOwn(secrets, id) ? secrets[id] : undefined
  const env = fields.get('env')
  const input = ['secret', id, target, env]
  if (value === undefined) {
    if (!isTrue(fields, 'required')) return { input }
    throw failureAt(instruction.range, {
      code: 'SECRET_MISSING',
      summary: `secret "${id}" is required and was not given to the build`,
      hint: 'list it in build.secrets',
    })
  }
  if (env !== undefined && target === undefined)
    return { env: `${env}=${Buffer.from(value).toString('utf8')}`, input }
  const source = join(await run.lease.tempFolder(), 'secret')
  await writeFile(source, value, { mode: 0o400 })
  await applyOwner(source, fields, 0o400)
  return { mount: { type: 'bind', source, target: target ?? `/run/secrets/${id}`, readonly: true }, input }
}

/** Mode and owner of a mount's source; root's without `uid` and `gid`, which is who made it. */
async function applyOwner(path: string, fields: ReadonlyMap<string, string>, mode: number): Promise<void> {
  await chmod(path, Number.parseInt(fields.get('mode') ?? mode.toString(8), 8))
  if (!fields.has('uid') && !fields.has('gid')) return
  await chown(path, Number(fields.get('uid') ?? 0), Number(fields.get('gid') ?? 0))
}

function targetIfAny(state: StageState, fields: ReadonlyMap<string, string>): string | undefined {
  const target = fields.get('target') ?? fields.get('dst') ?? fields.get('destination')
  return target === undefined ? undefined : posix.resolve(state.workingDir, target)
}

function targetOf(
  state: StageState,
  instruction: RunInstruction,
  fields: ReadonlyMap<string, string>,
): string {
  const target = targetIfAny(state, fields)
  if (target !== undefined && target !== '/') return target
  throw unsupported(instruction, `mount has ${target === undefined ? 'no target' : 'the root as its target'}`)
}

function isTrue(fields: ReadonlyMap<string, string>, ...names: readonly string[]): boolean {
  return names.some(name => fields.get(name) === '' || parseSwitch(fields.get(name)) === true)
}

function unsupported({ range }: RunInstruction, summary: string): Error {
  return failureAt(range, { code: 'DOCKERFILE_MOUNT', summary })
}
