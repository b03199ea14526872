import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, Failure } from '../../diagnostics/index.ts'
import { budgetWrites, type GroupBudget, lifts, withinBudget } from './budget.ts'
import { isHeldAround, type ValueDrift, valueDrift, within } from './compare.ts'
import { type CgroupFilesystem, ignoring, readOptional } from './filesystem.ts'
import { GroupFreezer } from './freezer.ts'
import type { CgroupLayout } from './layout.ts'
import { limitLifts, NOT_IDLE, UNASKED } from './lifts.ts'
import type { Limits } from './limits.ts'
import { limitsV1 } from './limits-v1.ts'
import { limitsV2 } from './limits-v2.ts'
import { budgetFolder, type GroupHome, GroupPlaces } from './places.ts'
import { realtimeRoom } from './realtime.ts'
import { removeGroups } from './removal.ts'
import { statsOf } from './stats.ts'
import { delegated, ensureTree, type GroupTree, pathsIn } from './tree.ts'
import type { CgroupPaths, CgroupStats, Cgroups, SaidBefore } from './types.ts'
import { type LimitPlan, type LimitWrite, lossOf, tryWrite, writeLimit } from './writes.ts'

/** A folder that is in use stays. */
const BUSY_OR_GONE = ['EBUSY', 'ENOTEMPTY', 'ENOENT']

/** Places whose paths are kept, at most. */
const KEPT = 1024

/** How long freezing and killing are waited for. */
const PATIENCE_MS = 5_000

/** The groups of one engine's containers over a layout. `name` is the folder that holds them all: `tscompose-<id>`. */
export class ContainerGroups implements Cgroups {
  readonly version: 1 | 2
  readonly warnings: readonly string[]
  readonly #layout: CgroupLayout
  readonly #name: string
  readonly #files: CgroupFilesystem
  #tree: GroupTree
  /** Nothing of the tree was removed since it was made, with its controllers handed down. */
  #isWhole = true
  readonly #places = new GroupPlaces()
  /** Of places in this tree: by a look they are asked for again and again. */
  readonly #paths = new Map<string, CgroupPaths>()
  /** What is looked at of groups with certain limits: many containers have the same. */
  readonly #observations = new Map<string, readonly LimitWrite[]>()

  constructor(layout: CgroupLayout, name: string, files: CgroupFilesystem) {
    this.version = layout.version
    this.#layout = layout
    this.#name = name
    this.#files = files
    this.#tree = ensureTree(layout, name, files)
    this.warnings = this.#tree.warnings
    // Now it is known what can be made here; nothing stays behind until a container needs it.
    this.close()
  }

  followHomes(homeOf: (id: string) => GroupHome | undefined): void {
    this.#places.follow(homeOf)
  }

  pathsOf(id: string): CgroupPaths {
    return this.#pathsAt(this.#places.placeOf(id))
  }

  budgetPathsOf(id: string): CgroupPaths | undefined {
    const budget = this.#places.homeOf(id)?.budget
    return budget && this.#pathsAt(budgetFolder(budget))
  }

  #pathsAt(place: string): CgroupPaths {
    const known = this.#paths.get(place)
    if (known !== undefined) return known
    if (this.#paths.size === KEPT) this.#paths.clear()
    const memory = this.#folder('memory', place)
    const paths = pathsIn(
      this.#tree,
      place,
      memory && `${memory}/${this.version === 1 ? 'memory.oom_control' : 'memory.events'}`,
    )
    this.#paths.set(place, paths)
    return paths
  }

  ensure(id: string, limits: Limits): string[] {
    // The first container. The folder alone proves nothing: the engine's own group has the same parent, without controllers.
    if (!this.#isWhole) this.#remake()
    try {
      this.#make(id)
    } catch (error) {
      // The folder was removed by somebody.
      if (errnoOf(error) !== 'ENOENT') throw error
      this.#remake()
      this.#make(id)
    }
    // Whoever is born in a frozen group stands still before he is anybody.
    const freezer = this.freezer(id)
    if (freezer.held()) freezer.release()
    const budget = this.#places.homeOf(id)?.budget
    const lost = budget === undefined ? [] : this.#applyBudget(budget)
    return [...lost, ...this.update(id, limits)]
  }

  update(id: string, limits: Limits, budget?: GroupBudget): string[] {
    const place = this.#places.placeOf(id)
    if (this.version === 1) this.#makeRealtimeRoom(id, limits)
    const memsw = limits.memory === undefined ? undefined : this.#memsw(place)
    return this.#apply(place, this.#wanted(id, limits, budget, memsw))
  }

  change(id: string, limits: Limits, before: Limits): string[] {
    const place = this.#places.placeOf(id)
    const inherited = (controller: string, file: string): string | undefined => {
      const folder = this.#folder(controller, place)
      return folder && readOptional(this.#files, `${dirname(folder)}/${file}`)?.trim()
    }
    this.#apply(place, { writes: limitLifts(this.version, before, limits, inherited), warnings: [] })
    return this.update(id, limits)
  }

  updateBudget(budget: GroupBudget, members: ReadonlyMap<string, Limits>): string[] {
    // v1 takes no quota around one that is worth more, so who is inside comes first where it shrinks, and last where it grows.
    const grown = quotaRefused(() => this.#applyBudget(budget))
    for (const [id, limits] of members) this.update(id, limits, budget)
    return grown ?? this.#applyBudget(budget)
  }

  observe(id: string, limits: Limits, said?: SaidBefore): ValueDrift[] {
    return this.#drift(this.#places.placeOf(id), this.#observed(id, limits), said)
  }

  filesOf(id: string, limits: Limits): string[] {
    const place = this.#places.placeOf(id)
    const values = this.#observed(id, limits).flatMap(({ controller, file }) => {
      const folder = this.#folder(controller, place)
      const around = folder && isHeldAround(this.version, controller) ? [dirname(folder)] : []
      return folder === undefined ? [] : [folder, ...around].map(each => `${each}/${file}`)
    })
    return [...new Set([...values, ...this.freezer(id).files])]
  }

  observeBudget(budget: GroupBudget): ValueDrift[] {
    return this.#drift(budgetFolder(budget), budgetWrites(this.version, budget))
  }

  restore(id: string, limits: Limits): string[] {
    // First of all: no weight is taken before.
    const place = this.#places.placeOf(id)
    if (this.#drift(place, [NOT_IDLE]).length > 0) this.#apply(place, { writes: [NOT_IDLE], warnings: [] })
    return [...this.ensure(id, limits), ...this.change(id, limits, UNASKED)]
  }

  nameOf(id: string): string {
    return `${this.#name}/${this.#places.placeOf(id)}`
  }

  #drift(
    place: string,
    writes: readonly LimitWrite[],
    read: SaidBefore = path => readOptional(this.#files, path),
  ): ValueDrift[] {
    return writes.flatMap(write => {
      const folder = this.#folder(write.controller, place)
      const text = folder && read(`${folder}/${write.file}`)
      if (folder === undefined || text === undefined) return []
      if (!isHeldAround(this.version, write.controller)) return valueDrift(write, text) ?? []
      const around = read(`${dirname(folder)}/${write.file}`) ?? text
      return valueDrift({ ...write, value: within(write.value, around) }, text) ?? []
    })
  }

  #observed(id: string, limits: Limits): readonly LimitWrite[] {
    const key = JSON.stringify([limits, this.#places.homeOf(id)?.budget])
    if (this.#observations.size === KEPT) this.#observations.clear()
    const lifted = (): LimitWrite[] => limitLifts(this.version, UNASKED, limits, () => undefined)
    const writes = (): LimitWrite[] => [NOT_IDLE, ...lifted(), ...this.#wanted(id, limits).writes]
    const observed = this.#observations.get(key) ?? writes()
    this.#observations.set(key, observed)
    return observed
  }

  lost(limits: Limits, budget?: GroupBudget): string[] {
    const { controllers, files } = this.#tree
    const { writes, warnings } = this.#planOf(limits)
    const shared = budget === undefined ? [] : budgetWrites(this.version, budget).filter(each => !lifts(each))
    const lost = [...shared, ...writes].filter(
      ({ controller, file }) => !controllers.has(controller) || !files.has(file),
    )
    return [...new Set([...warnings, ...lost.map(lossOf)])]
  }

  #wanted(id: string, limits: Limits, budget = this.#places.homeOf(id)?.budget, memsw?: number): LimitPlan {
    return this.#planOf(this.version === 1 ? withinBudget(limits, budget) : limits, memsw)
  }

  /** Our own limit of processes is nobody's wish: it is not missed where it cannot be had. */
  #planOf(limits: Limits, memsw?: number): LimitPlan {
    const plan = this.version === 2 ? limitsV2(limits) : limitsV1(limits, memsw)
    const wanted = limits.pids === undefined && !this.#tree.controllers.has('pids')
    const writes = wanted ? plan.writes.filter(write => write.controller !== 'pids') : plan.writes
    return { writes, warnings: plan.warnings }
  }

  async remove(id: string): Promise<void> {
    const paths = this.has(id) ? this.#all(id).reverse() : []
    await removeGroups(paths, this.#files, () => this.kill(id))
    this.#removeParents(id)
  }

  /** The v2 folder is made first and goes last: where it is not, there is no other. A run's end has removed them before its container goes. */
  has(id: string): boolean {
    const { unified } = this.pathsOf(id)
    return unified === undefined || readOptional(this.#files, `${unified}/cgroup.procs`) !== undefined
  }

  missing(id: string): string[] {
    return this.#all(id).filter(path => readOptional(this.#files, `${path}/cgroup.procs`) === undefined)
  }

  async kill(id: string): Promise<void> {
    const unified = this.pathsOf(id).unified
    if (unified !== undefined && tryWrite(this.#files, `${unified}/cgroup.kill`, '1')) {
      this.freezer(id).letDie()
      return
    }
    // No cgroup.kill (kernels before 5.14, or no v2 tree): again and again, since a fork may outrun one round.
    const deadline = performance.now() + PATIENCE_MS
    for (let pids = this.processes(id); pids.length > 0; pids = this.processes(id)) {
      for (const pid of pids) killProcess(pid)
      this.freezer(id).letDie()
      if (performance.now() > deadline) return
      await sleep(1)
    }
  }

  freezer(id: string): GroupFreezer {
    const { unified, v1 } = this.#tree
    const roots = { unified, v1: v1.find(({ controllers }) => controllers.includes('freezer'))?.path }
    return new GroupFreezer(this.#files, roots, [...this.#places.stepsTo(id), this.#places.placeOf(id)], id)
  }

  processes(id: string): number[] {
    for (const path of this.#all(id)) {
      const text = readOptional(this.#files, `${path}/cgroup.procs`)
      if (text !== undefined) return text.split('\n').filter(Boolean).map(Number)
    }
    return []
  }

  stats(id: string): CgroupStats {
    return this.#statsAt(this.#places.placeOf(id))
  }

  budgetStats(id: string): CgroupStats | undefined {
    const budget = this.#places.homeOf(id)?.budget
    return budget && this.#statsAt(budgetFolder(budget))
  }

  #statsAt(place: string): CgroupStats {
    return statsOf(this.version, controller => this.#folder(controller, place), this.#files)
  }

  list(): string[] {
    return this.#places.find(this.#roots(), path => this.#children(path))
  }

  close(): void {
    for (const path of this.#roots()) {
      ignoring(BUSY_OR_GONE, () => {
        this.#files.rmdir(path)
        this.#isWhole = false
      })
    }
  }

  #remake(): void {
    this.#paths.clear()
    this.#observations.clear()
    this.#tree = ensureTree(this.#layout, this.#name, this.#files)
    this.#isWhole = true
  }

  /** Folder of a group where this controller is, the unified one for v2. */
  #folder(controller: string, place: string): string | undefined {
    const { unified } = this.#tree
    if (this.version === 2) return unified === undefined ? undefined : `${unified}/${place}`
    const root = this.#tree.v1.find(each => each.controllers.includes(controller))
    return root === undefined ? undefined : `${root.path}/${place}`
  }

  #removeParents(id: string): void {
    for (const step of this.#places.stepsTo(id).reverse())
      for (const root of this.#roots()) ignoring(BUSY_OR_GONE, () => this.#files.rmdir(`${root}/${step}`))
    this.#places.forget(id)
  }

  #roots(): string[] {
    return [...this.#tree.v1.map(root => root.path), this.#tree.unified ?? ''].filter(Boolean)
  }

  #all(id: string): string[] {
    const { unified, v1 } = this.pathsOf(id)
    return unified === undefined ? Object.values(v1) : [unified, ...Object.values(v1)]
  }

  #make(id: string): void {
    for (const step of this.#places.stepsTo(id))
      for (const root of this.#roots())
        if (this.#files.mkdir(`${root}/${step}`) && this.version === 2)
          delegated(`${root}/${step}`, this.#tree.controllers, this.#files)
    for (const path of this.#all(id)) this.#files.mkdir(path)
  }

  #memsw(place: string): number | undefined {
    const folder = this.#folder('memory', place)
    const text = folder && readOptional(this.#files, `${folder}/memory.memsw.limit_in_bytes`)
    return text ? Number(text) : undefined
  }

  #makeRealtimeRoom(id: string, limits: Limits): void {
    const root = this.#tree.v1.find(({ controllers }) => controllers.includes('cpu'))?.path
    if (root === undefined) return
    const steps = [...this.#places.stepsTo(id), this.#places.placeOf(id)].map(step => `${root}/${step}`)
    for (const { folder, runtime } of realtimeRoom(limits, [root, ...steps], this.#files))
      writeLimit(this.#files, folder, {
        controller: 'cpu',
        file: 'cpu.rt_runtime_us',
        value: String(runtime),
        what: 'real-time runtime of all containers',
      })
  }

  #applyBudget(budget: GroupBudget): string[] {
    const place = budgetFolder(budget)
    const writes = budgetWrites(this.version, budget, this.#memsw(place))
    const lifted = writes.filter(lifts).map(lossOf)
    return this.#apply(place, { writes, warnings: [] }).filter(loss => !lifted.includes(loss))
  }

  #apply(place: string, plan: LimitPlan): string[] {
    const warnings = [...plan.warnings]
    for (const write of plan.writes) {
      const folder = this.#tree.controllers.has(write.controller)
        ? this.#folder(write.controller, place)
        : undefined
      if (folder === undefined || !writeLimit(this.#files, folder, write)) warnings.push(lossOf(write))
    }
    return [...new Set(warnings)]
  }

  #children(parent: string): string[] {
    return ignoring(['ENOENT'], () => this.#files.folders(parent)) ?? []
  }
}

/** Undefined where the kernel refuses what the groups inside are worth more than. */
function quotaRefused(write: () => string[]): string[] | undefined {
  try {
    return write()
  } catch (error) {
    if (error instanceof Failure && errnoOf(error.cause) === 'EINVAL') return undefined
    throw error
  }
}

function killProcess(pid: number): void {
  ignoring(['ESRCH'], () => process.kill(pid, 'SIGKILL'))
}
