import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import type { Drift } from '../../api/types/index.ts'
import { errnoOf } from '../../diagnostics/index.ts'
import type { CgroupPaths, Cgroups, Limits, SaidBefore, ValueDrift } from '../cgroup/index.ts'
import { compileDeviceRules } from '../runtime/index.ts'
import { numbersOfDevice } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { kernelLimits } from '../terms/limits.ts'
import { type Facts, factsOf, readProcess } from './facts.ts'
import { groupTexts } from './seen.ts'
import { settle, unsettled } from './settled.ts'
import type { ContainerSight, Thing } from './thing.ts'

/**
 * The groups that a container is in, and their values. It sees them read-only; a privileged one may write them, so that its values
 * are its own affair.
 */
export const CONTROL_GROUPS: Thing<ContainerSight> = {
  paths: ['cgroup'],
  outlasts: true,
  // Of what several share another one may be the first, which tells.
  basis: ({ made, seen, container: { terms, paused, restsWithoutProcess } }) =>
    terms.group.budget === undefined && seen && !restsWithoutProcess
      ? [made, paused, seen.process, seen.groups]
      : undefined,
  observe(sight) {
    const { engine, container } = sight
    if (container.restsWithoutProcess) return restingDrift(sight)
    const facts = factsOf(sight)
    if (facts === undefined) return undefined
    const outside = membershipDrift(engine, container, facts)
    const said = groupTexts(sight)
    // A group that is gone has no values; one that it was taken out of has, and it comes back to them.
    const values = [...valueDrift(engine, container, facts, said), ...budgetDrift(engine, container)]
    const frozen = outside.some(isOfFreezer) ? [] : freezeDrift(engine, container, said)
    return [...outside, ...unsettled(facts.spec, values), ...frozen]
  },
  async repair(sight, drift) {
    const { engine, container } = sight
    const { cgroups } = engine.host
    const facts = factsOf(sight)
    const spec = sight.made?.spec
    if (spec === undefined) return
    const isOf = (start: string): boolean => drift.some(({ Path }) => Path.startsWith(start))
    const limits = limitsOf(container)
    const budget = container.terms.group.budget
    if (isOf('cgroup.in.') || isOf('cgroup.value.')) cgroups.restore(container.id, limits)
    if (budget !== undefined && isOf('cgroup.project.'))
      cgroups.updateBudget(budget, new Map([[container.id, limits]]))
    settle(spec, [...valueDrift(engine, container, { spec }), ...budgetDrift(engine, container)])
    if (facts !== undefined && isOf('cgroup.in.')) await comeBack(engine, container, facts, drift)
    if (isOf('cgroup.frozen')) await freezeAsWanted(engine, container)
  },
}

/** Of one without a process: who cleans up empty groups takes these away, and its next run could not begin. */
function restingDrift(sight: ContainerSight): Drift[] {
  const { engine, container } = sight
  const { cgroups } = engine.host
  const spec = sight.made?.spec
  if (spec === undefined || sight.seen === undefined) return []
  const gone = foldersOf(cgroups.pathsOf(container.id)).flatMap(({ controllers, folder }): Drift[] =>
    cgroups.missing(container.id).includes(folder)
      ? [
          {
            Path: inPath(controllers),
            Want: `/${cgroups.nameOf(container.id)}`,
            Got: 'removed',
            Repair: 'place',
          },
        ]
      : [],
  )
  const values = [...valueDrift(engine, container, { spec }), ...budgetDrift(engine, container)]
  return [...gone, ...unsettled(spec, values), ...freezeDrift(engine, container, undefined)]
}

function limitsOf({ terms }: Container): Limits {
  return kernelLimits(terms.limits, numbersOfDevice)
}

/** Whoever made groups of its own inside is in one below. */
function membershipDrift(
  { host: { cgroups } }: EngineContext,
  { id }: Container,
  { groups }: Facts,
): Drift[] {
  const name = cgroups.nameOf(id)
  const paths = cgroups.pathsOf(id)
  // No name of a group has a NUL.
  const text = `${Object.keys(paths.v1).length} ${groups.replaceAll(`/${name}`, '\0')}`
  if (text === rightGroups.get(cgroups)) return []
  const found = groupsIn(groups)
  const drift = foldersOf(paths).flatMap(({ controllers }): Drift[] => {
    const got = found.get(controllers)
    if (got === undefined || isIn(got, name)) return []
    return [{ Path: inPath(controllers), Want: `/${name}`, Got: got, Repair: 'place' }]
  })
  if (drift.length === 0) rightGroups.set(cgroups, text)
  return drift
}

/** What was last found to be right, its own name left out: of a hundred containers most say the same. */
const rightGroups = new WeakMap<Cgroups, string>()

interface GroupFolder {
  /** Empty for the v2 tree. */
  readonly controllers: string
  readonly folder: string
}

function foldersOf({ v1, unified }: CgroupPaths): GroupFolder[] {
  const all = Object.entries(v1).map(([controllers, folder]) => ({ controllers, folder }))
  return unified === undefined ? all : [...all, { controllers: '', folder: unified }]
}

function inPath(controllers: string): string {
  return `cgroup.in.${controllers || 'unified'}`
}

/** Whoever is outside of it is not frozen by it, and that is told already. */
function isOfFreezer({ Path }: Drift): boolean {
  const [, , controllers = ''] = Path.split('.')
  return controllers === 'unified' || controllers.split(',').includes('freezer')
}

/** Paths of groups by their hierarchy, of the text of /proc/<pid>/cgroup. */
function groupsIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap(line => {
      const [, controllers, ...path] = line.split(':')
      return controllers === undefined ? [] : [[controllers, path.join(':')]]
    }),
  )
}

function isIn(path: string, name: string): boolean {
  return `${path}/`.includes(`/${name}/`)
}

function valueDrift(
  { host }: EngineContext,
  container: Container,
  { spec }: Pick<Facts, 'spec'>,
  said?: SaidBefore,
): Drift[] {
  if (spec.security.privileged === true) return []
  return host.cgroups.observe(container.id, limitsOf(container), said).map(each => wire('value', each))
}

/** Of what several share the first one tells. */
function budgetDrift({ containers, host }: EngineContext, container: Container): Drift[] {
  const { budget } = container.terms.group
  if (budget === undefined) return []
  const others = [...containers.values()].filter(
    ({ running, terms, id }) => running && terms.group.budget?.name === budget.name && id < container.id,
  )
  return others.length > 0 ? [] : host.cgroups.observeBudget(budget).map(each => wire('project', each))
}

/** Whether its own group is frozen is its monitor's affair, of one that sleeps at times. */
function freezesItself({ paused, terms }: Container): boolean {
  return terms.sleep !== undefined && !paused
}

/** Also by a group around its own. */
function freezeDrift(
  { host: { cgroups } }: EngineContext,
  container: Container,
  said: SaidBefore | undefined,
): Drift[] {
  const { id, paused } = container
  const freezer = cgroups.freezer(id)
  const isFrozen = freezesItself(container) ? freezer.held(said) : freezer.freezing(said)
  if (isFrozen === paused) return []
  return [{ Path: 'cgroup.frozen', Want: String(paused), Got: String(isFrozen), Repair: 'place' }]
}

async function freezeAsWanted({ host: { cgroups } }: EngineContext, container: Container): Promise<void> {
  const freezer = cgroups.freezer(container.id)
  if (freezesItself(container)) freezer.release()
  else await (container.paused ? freezer.freeze() : freezer.thaw())
}

function wire(of: string, { file, want, got }: ValueDrift): Drift {
  return { Path: `cgroup.${of}.${file}`, Want: want, Got: got === '' ? 'nothing' : got, Repair: 'place' }
}

/**
 * Puts the processes of the container back into its groups: those of its pid namespace, where that is its own, else its first one. Who is in
 * the groups of another container has joined the namespace alone.
 */
async function comeBack(
  { native, host }: EngineContext,
  { id }: Container,
  { process, spec }: Facts,
  drift: readonly Drift[],
): Promise<void> {
  const name = host.cgroups.nameOf(id)
  const left = foldersOf(host.cgroups.pathsOf(id)).filter(({ controllers }) =>
    drift.some(({ Path }) => Path === inPath(controllers)),
  )
  const keepsDevices = left.some(({ controllers }) => ['', 'devices'].includes(controllers))
  if (keepsDevices) await native.run({ outside: compileDeviceRules(spec, host) })
  for (const pid of spec.namespaces.pid.kind === 'private' ? inPidNamespaceOf(process.pid) : [process.pid]) {
    const groups = groupsIn(readProcess(pid, 'cgroup'))
    for (const { controllers, folder } of left) {
      const path = groups.get(controllers) ?? ''
      if (!isIn(path, name) && !OF_CONTAINER.test(path)) join(`${folder}/cgroup.procs`, pid)
    }
  }
}

const OF_CONTAINER = /\/[0-9a-f]{64}(\/|$)/

function inPidNamespaceOf(first: number): number[] {
  const own = namespaceOf(first)
  const all = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return own === undefined ? [] : all.map(Number).filter(pid => namespaceOf(pid) === own)
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

function join(file: string, pid: number): void {
  try {
    writeFileSync(file, String(pid), { flag: 'r+' })
  } catch (error) {
    // It has ended meanwhile.
    if (errnoOf(error) !== 'ESRCH') throw error
  }
}
