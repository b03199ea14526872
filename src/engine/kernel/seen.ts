import type { SetupOp } from '../../native/index.ts'
import { insideOps } from '../../network/index.ts'
import type { CgroupPaths } from '../cgroup/index.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
import type { Host, RuntimeSpec } from '../runtime/index.ts'
import { numbersOfDevice } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { ETC_FILES } from '../state/paths.ts'
import { kernelLimits } from '../terms/limits.ts'
import { type Made, processFilesOf } from './made.ts'
import { mountWatchOf, type TableSeen } from './mount-watch.ts'
import { mountedOf } from './wanted-mounts.ts'
import { wantedSettings } from './wanted-settings.ts'

/**
 * What one look reads of a container: links, addresses, routes and rules of routing of its network namespace, and the number of the last change of rules there; its
 * sysctls; of its first process the rights (`status`), and the files that `processFilesOf` names; control files; files in /etc; which files its root is made
 * of (`stores`), and which are mounted (`sources`).
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
  | 'stores'
  | 'sources'

/** What was read, as bytes: the same as before where all is as it was. Of what the container has not of its own there is nothing. */
export type Seen = Readonly<Partial<Record<Part, Buffer>>> & {
  /** Of its mounts, read by who needs it. */
  readonly table: TableSeen
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
  const watch = mountWatchOf(container, made)
  const asked = watch.ask(container, made)
  const outputs = await engine.looks.ask([...ops, asked.op])
  const table = watch.hear(asked.round, outputs?.at(-1))
  return outputs && { ...Object.fromEntries(parts.map((part, at) => [part, outputs[at]])), table }
}

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
    ...processPlan(container, made),
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

function processPlan(container: Container, made: Made): Plan[] {
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
  const { layers, upper } = spec?.root ?? { layers: [], upper: '/' }
  return [
    one('groups', { op: 'readFiles', folder: '/', names: groups }),
    ...(devices === undefined
      ? []
      : [one('devices', { op: 'readFiles', folder: devices, names: [DEVICE_LIST] })]),
    one('etc', { op: 'readFiles', folder: paths.etc, names: ETC_FILES }),
    one('stores', { op: 'statFiles', paths: [...layers, upper] }),
    ...(spec === undefined ? [] : [one('sources', { op: 'statFiles', paths: sourcesOf(spec, host) })]),
  ]
}

/** What is bound into it. */
function sourcesOf(spec: RuntimeSpec, host: Host): string[] {
  return mountedOf(spec, host).mounts.flatMap(({ of }) => (of.kind === 'bind' ? [of.source] : []))
}

function one(part: Part, op: SetupOp): Plan {
  return { ops: [op], parts: [part] }
}

/** What the controller of devices of cgroup v1 says that may be opened. */
export const DEVICE_LIST = 'devices.list'

/** Where it says so of a container. */
export function deviceFolderOf({ v1 }: CgroupPaths): string | undefined {
  return Object.entries(v1).find(([key]) => key.split(',').includes('devices'))?.[1]
}
