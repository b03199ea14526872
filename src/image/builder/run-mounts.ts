import { posix } from 'node:path'
import { parseBytes, parseSwitch } from '../../notation/index.ts'
import type { RunInstruction } from './dockerfile/instruction.ts'
import { mountFields, mountProblem, typeOfMount } from './dockerfile/mount-fields.ts'
import type { BindSource, MountOwner, StepMount } from './mount-setup.ts'
import type { SecretOwner } from './options.ts'
import { failureAt } from './place.ts'
import { contentIdentity, contextRoot, resolveRoot } from './roots.ts'
import type { BuildRun } from './run-state.ts'
import { matchSources } from './sources.ts'
import type { StageState } from './state.ts'
import { Keyed } from './step-key.ts'
import type { WordExpander } from './variables.ts'

interface MountRequest {
  readonly run: BuildRun
  readonly state: StageState
  readonly instruction: RunInstruction
  readonly fields: ReadonlyMap<string, string>
  /** How many mounts of an agent there are before it. */
  readonly index: number
}

type Planner = (request: MountRequest) => Promise<StepMount>

const PLANNERS: Readonly<Record<string, Planner>> = {
  bind: planBind,
  cache: planCache,
  tmpfs: planTmpfs,
  secret: planSecret,
  ssh: planSsh,
}

/** Resolves the `--mount` flags of a RUN. */
export async function planMounts(
  run: BuildRun,
  state: StageState,
  instruction: RunInstruction,
  expander: WordExpander,
): Promise<readonly StepMount[]> {
  const planned: StepMount[] = []
  for (const text of instruction.mounts) {
    const expanded = expander.word(text)
    const wrong = mountProblem(expanded)
    if (wrong !== undefined) throw unsupported(instruction, wrong)
    const fields = mountFields(expanded)
    const planner = PLANNERS[typeOfMount(fields)] ?? planBind
    const index = planned.filter(({ type }) => type === 'ssh').length
    planned.push(await planner({ run, state, instruction, fields, index }))
  }
  return planned
}

async function planBind(request: MountRequest): Promise<StepMount> {
  const { state, instruction, fields } = request
  return {
    type: 'bind',
    target: targetOf(state, instruction, fields),
    writable: isTrue(fields, 'rw', 'readwrite'),
    source: await sourceOf(request),
  }
}

/** What `from` and `source` name: of the context where there is no `from`. */
async function sourceOf({ run, state, instruction, fields }: MountRequest): Promise<Keyed<BindSource>> {
  const from = fields.get('from')
  const root = from === undefined ? await contextRoot(run.context) : await resolveRoot(run, from, state.index)
  const wanted = fields.get('source') ?? fields.get('src') ?? '/'
  const [match] = await matchSources(root.tree, wanted)
  if (match === undefined) {
    throw failureAt(instruction.range, {
      code: 'COPY_SOURCE_MISSING',
      summary: `mount source "${wanted}" is missing`,
    })
  }
  const { path, hostPath } = match
  return Keyed.by(await contentIdentity(root, match), { root: root.source, path, hostPath })
}

async function planCache(request: MountRequest): Promise<StepMount> {
  const { state, instruction, fields } = request
  const target = targetOf(state, instruction, fields)
  return {
    type: 'cache',
    id: fields.get('id') ?? target,
    target,
    readonly: isTrue(fields, 'ro', 'readonly'),
    sharing: (fields.get('sharing') ?? 'shared').toLowerCase(),
    seed: fields.has('from') ? await sourceOf(request) : undefined,
    ...ownerOf(fields),
  }
}

async function planTmpfs({ state, instruction, fields }: MountRequest): Promise<StepMount> {
  const size = parseBytes(fields.get('size') ?? '')
  const sizeBytes = size === undefined ? undefined : Number(size)
  return { type: 'tmpfs', target: targetOf(state, instruction, fields), sizeBytes }
}

async function planSecret({ run, state, instruction, fields }: MountRequest): Promise<StepMount> {
  const target = targetIfAny(state, fields)
  const id =
    fields.get('source') ??
    fields.get('src') ??
    fields.get('id') ??
    (target === undefined ? undefined : posix.basename(target))
  if (id === undefined) throw unsupported(instruction, 'mount type "secret" needs an id or a target')
  const secrets = run.options.secrets ?? {}
  const content = Object.hasOwn(secrets, id) ? secrets[id] : await run.options.client?.secret(id)
  if (content === undefined && isTrue(fields, 'required')) {
    throw failureAt(instruction.range, {
      code: 'SECRET_MISSING',
      summary: `secret "${id}" is required and was not given to the build`,
      hint: 'list it in build.secrets',
    })
  }
  const variable = fields.get('env')
  const owners = run.options.secretOwners ?? {}
  const owner = ownerOf(fields, Object.hasOwn(owners, id) ? owners[id] : undefined)
  return { type: 'secret', id, target, variable, content: Keyed.never(content), ...owner }
}

/** An agent that was not given is not there, unless it is required; programs ask for it all the same. */
async function planSsh({ run, state, instruction, fields, index }: MountRequest): Promise<StepMount> {
  const id = fields.get('id') ?? 'default'
  const agents = run.options.ssh ?? {}
  const agent = Object.hasOwn(agents, id) ? agents[id] : await run.options.client?.agent(id)
  if (agent === undefined && isTrue(fields, 'required')) {
    throw failureAt(instruction.range, {
      code: 'SSH_MISSING',
      summary: `ssh agent "${id}" is required and was not given to the build`,
      hint: 'list it in build.ssh',
    })
  }
  const target = targetIfAny(state, fields) ?? `/run/buildkit/ssh_agent.${index}`
  return { type: 'ssh', id, target, isFirst: index === 0, agent: Keyed.never(agent), ...ownerOf(fields) }
}

function ownerOf(fields: ReadonlyMap<string, string>, otherwise: SecretOwner = {}): MountOwner {
  const of = (name: keyof SecretOwner): string | undefined => fields.get(name) ?? otherwise[name]
  return { mode: of('mode'), uid: of('uid'), gid: of('gid') }
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
  // Without a target it is the working folder's place.
  const target = targetIfAny(state, fields) ?? state.workingDir
  if (target !== '/') return target
  throw unsupported(instruction, 'mount has the root as its target')
}

function isTrue(fields: ReadonlyMap<string, string>, ...names: readonly string[]): boolean {
  return names.some(name => fields.get(name) === '' || parseSwitch(fields.get(name)) === true)
}

function unsupported({ range }: RunInstruction, summary: string): Error {
  return failureAt(range, { code: 'DOCKERFILE_MOUNT', summary })
}
