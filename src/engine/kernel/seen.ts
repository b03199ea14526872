import { readTexts, type SetupOp } from '../../native/index.ts'
import { insideOps } from '../../network/index.ts'
import type { CgroupPaths, SaidBefore } from '../cgroup/index.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
import type { Host, RuntimeSpec } from '../runtime/index.ts'
import { numbersOfDevice } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { ETC_FILES } from '../state/paths.ts'
import { kernelLimits } from '../terms/limits.ts'
import { firstMounts, isBoundAs } from './first-mounts.ts'
import { isRunning, type Made, processFilesOf, type RunningMade } from './made.ts'
import { onceAMoment } from './moment.ts'
import { mountWatchOf, type TableSeen } from './mount-watch.ts'
import { givenMounts } from './wanted-mounts.ts'
import { wantedSettings } from './wanted-settings.ts'

/**
 * What one look reads of a container: links, addresses, routes and rules of routing of its network namespace, and the number of the last change of rules there; its
 * sysctls; of its first process the rights (`status`), and the files that `processFilesOf` names; control files; files in /etc; its monitor's relay; which folder it writes
 * to (`stores`), and which are mounted (`sources`).
 */
type Part =
  | 'links'
  | 'addresses'
  | 'routes'
  | 'routing'
  | 'generation'
  | 'sysctls'
  | 'status'
  | 'process'
  | 'groups'
  | 'devices'
  | 'etc'
  | 'relay'
  | 'stores'
  | 'sources'

/** What was read, as bytes: the same as before where all is as it was. Of what the container has not of its own there is nothing. */
export type Seen = Readonly<Partial<Record<Part, Buffer>>> & {
  /** Of its mounts, read by who needs it. */
  readonly table: TableSeen
  /** Which folders the layers of its image are: many containers have the same. */
  readonly layers?: Buffer
  /** These are as the run has begun with them, and of what they were. */
  readonly untouched?: true
}

/** Of the file that says what a process may do; the rest of it is another at each look. */
const RIGHTS = ['Cap', 'NoNewPrivs', 'Seccomp:']

/** Reads all of it; undefined where that failed: the container has ended meanwhile, say. */
export async function see(
  engine: EngineContext,
  container: Container,
  made: Made,
): Promise<Seen | undefined> {
  const { ops, parts } = planOf(engine, container, made)
  if (!isRunning(made)) {
    const outputs = await engine.looks.ask(ops)
    return outputs && { ...partsIn(parts, outputs), table: NO_TABLE }
  }
  const watch = mountWatchOf(container, made)
  const first = watch.isNew && container.live?.isBegunHere ? firstMounts(made, engine.host) : undefined
  const asked = watch.ask(container, made, first?.sized)
  const [outputs, layers] = await Promise.all([
    engine.looks.ask([...ops, asked.op, ...(first === undefined ? [] : [first.op])]),
    made.spec && engine.looks.ask(layersLook(made.spec.root.layers.join(':'))),
  ])
  const seen = {
    ...partsIn(parts, outputs),
    ...(layers?.[0] === undefined ? {} : { layers: layers[0] }),
  }
  const answer = outputs?.[parts.length]
  const isFirst = first !== undefined && isBoundAs(first.mounts, seen.sources, outputs?.at(-1))
  const table = isFirst ? watch.hearFirst(asked.round, answer, first.sized) : watch.hear(asked.round, answer)
  // Of this look alone: at the next one a file may be another, though the table is as it was.
  const untouched = isFirst && table.untouched === true
  return outputs && { ...seen, table, ...(untouched ? { untouched } : {}) }
}

/** One object for all who ask in a moment: then it is looked at once. */
const layersLook = onceAMoment((layers: string): readonly SetupOp[] => [
  { op: 'statFiles', paths: layers.split(':') },
])

/** Who has no process has no mounts. */
const NO_TABLE: TableSeen = { round: 0 }

function partsIn(parts: readonly Part[], outputs: readonly Buffer[] | undefined): Omit<Seen, 'table'> {
  return Object.fromEntries(parts.map((part, at) => [part, outputs?.[at]]))
}

/** What the control files of a container's groups have said in a look; undefined where that has failed. */
export function groupTexts({
  made,
  seen,
}: {
  readonly made: Made | undefined
  readonly seen: Seen | undefined
}): SaidBefore | undefined {
  const plan = made && plans.get(made)
  const read = plan?.ops.find(op => op.op === 'readFiles' && op.folder === ALL)
  if (read?.op !== 'readFiles' || seen?.groups === undefined) return undefined
  const texts = readTexts(seen.groups)
  return path => texts[read.names.indexOf(path)]
}

/** The folder of control files, which are named by their whole paths. */
const ALL = '/'

interface Plan {
  readonly ops: readonly SetupOp[]
  /** What the outputs are, in their order. */
  readonly parts: readonly Part[]
}

const plans = new WeakMap<Made, Plan>()

function planOf(engine: EngineContext, container: Container, made: Made): Plan {
  const before = plans.get(made)
  if (before !== undefined) return before
  const all = [
    ...networkPlan(container),
    ...relayPlan(container),
    ...(isRunning(made) ? processPlan(container, made) : []),
    ...filesPlan(engine, container, made),
  ]
  const plan = { ops: all.flatMap(({ ops }) => ops), parts: all.flatMap(({ parts }) => parts) }
  plans.set(made, plan)
  return plan
}

function networkPlan(container: Container): Plan[] {
  const { kind } = container.terms.network.mode
  if (kind !== 'network' && kind !== 'none') return []
  const parts: readonly Part[] = ['links', 'addresses', 'routes', 'routing', 'generation']
  return [{ ops: insideOps(networkNamespaceOf(container)), parts }]
}

function relayPlan({ live, terms }: Container): Plan[] {
  if (live?.status === undefined || terms.network.mode.kind !== 'network') return []
  return [one('relay', { op: 'findChild', pid: live.status.monitorPid, name: RELAY_NAME })]
}

/** What the relay is called as a process. */
const RELAY_NAME = 'tscompose-relay'

function processPlan(container: Container, made: RunningMade): Plan[] {
  const { process } = made
  const keys = wantedSettings(made, container.terms.sysctls.values).map(({ key }) => key)
  const folder = `/proc/${process.pid}`
  return [
    ...(keys.length === 0 ? [] : [one('sysctls', { op: 'readSysctls', ...process, keys })]),
    one('status', { op: 'readFiles', folder, names: ['status'], lines: RIGHTS }),
    // Behind the other, so that its check of the process is about both.
    one('process', { op: 'readFiles', ...process, folder, names: processFilesOf(made) }),
  ]
}

function filesPlan({ host }: EngineContext, { id, terms, paths }: Container, { spec }: Made): Plan[] {
  const groups = host.cgroups.filesOf(id, kernelLimits(terms.limits, numbersOfDevice))
  const devices = deviceFolderOf(host.cgroups.pathsOf(id))
  const upper = spec?.root.upper ?? '/'
  const own = `${paths.folder}/`
  return [
    one('groups', { op: 'readFiles', folder: ALL, names: groups }),
    ...(devices === undefined
      ? []
      : [one('devices', { op: 'readFiles', folder: devices, names: [DEVICE_LIST] })]),
    one('etc', { op: 'readFiles', folder: paths.etc, names: ETC_FILES, access: true }),
    one('stores', { op: 'statFiles', paths: [upper], own }),
    ...(spec === undefined ? [] : [one('sources', { op: 'statFiles', paths: sourcesOf(spec, host), own })]),
  ]
}

/** What is bound into it. */
function sourcesOf(spec: RuntimeSpec, host: Host): string[] {
  return givenMounts(spec, host).flatMap(({ of }) => (of.kind === 'bind' ? [of.source] : []))
}

function one(part: Part, op: SetupOp): Plan {
  return { ops: [op], parts: [part] }
}

/** What the controller of devices of cgroup v1 says that may be opened. */
const DEVICE_LIST = 'devices.list'

/** Where it says so of a container. */
export function deviceFolderOf({ v1 }: CgroupPaths): string | undefined {
  return Object.entries(v1).find(([key]) => key.split(',').includes('devices'))?.[1]
}
