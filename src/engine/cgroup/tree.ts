import { errnoOf } from '../../diagnostics/index.ts'
import { type CgroupFilesystem, readOptional } from './filesystem.ts'
import type { CgroupLayout, Hierarchy } from './layout.ts'
import type { CgroupPaths } from './types.ts'

/** v2 controllers that a container's limits or statistics use, and that of huge pages, which it may look at itself: on v1 it is in all groups anyway. */
const WANTED_CONTROLLERS = ['cpu', 'cpuset', 'hugetlb', 'io', 'memory', 'pids']

/** The folders that hold all groups of one engine, one in each hierarchy that can be written. */
export interface GroupTree {
  readonly v1: readonly TreeRoot[]
  readonly unified?: string
  /** Controllers that limits can be written to. */
  readonly controllers: ReadonlySet<string>
  /** Names of the files that this kernel has in such folders, of all hierarchies. */
  readonly files: ReadonlySet<string>
  readonly warnings: readonly string[]
}

/** Our folder in one v1 hierarchy. */
export interface TreeRoot extends Hierarchy {
  readonly path: string
}

/**
 * Makes the engine's folder in every hierarchy and finds out what can be used. A hierarchy that cannot be written is
 * left out with a warning that names what is lost: a container without a limit is better than none, but nobody may be
 * left to believe in the limit.
 */
export function ensureTree(layout: CgroupLayout, name: string, files: CgroupFilesystem): GroupTree {
  const warnings: string[] = []
  const v1: TreeRoot[] = []
  for (const hierarchy of layout.v1) {
    const path = `${hierarchy.mountpoint}/${name}`
    const refused = attempt(() => makeV1Root(hierarchy, path, files))
    if (refused === undefined) v1.push({ ...hierarchy, path })
    else
      warnings.push(
        `control group ${path} cannot be made (${refused}): no ${hierarchy.controllers.join(', ')} limits`,
      )
  }
  const controllers = new Set(v1.flatMap(root => root.controllers.filter(each => !each.startsWith('name='))))
  const unified = layout.unified === undefined ? undefined : `${layout.unified}/${name}`
  const refused = unified === undefined ? 'not mounted' : attempt(() => files.mkdir(unified))
  if (refused !== undefined)
    warnings.push(
      `no cgroup v2 group can be made (${refused}): containers are killed and paused process by process`,
    )
  if (
    layout.version === 2 &&
    layout.unified !== undefined &&
    unified !== undefined &&
    refused === undefined
  ) {
    for (const controller of delegate(layout.unified, unified, files)) controllers.add(controller)
  }
  const missing = ['cpu', 'memory', 'pids'].filter(controller => !controllers.has(controller))
  if (missing.length > 0) warnings.push(`limits of ${missing.join(', ')} cannot be kept on this machine`)
  const folders = [...v1.map(root => root.path), ...(refused === undefined ? [unified ?? ''] : [])]
  return {
    v1,
    controllers,
    files: new Set(folders.flatMap(folder => files.files(folder))),
    warnings,
    ...(unified === undefined || refused !== undefined ? {} : { unified }),
  }
}

/**
 * A new cpuset group has no CPUs and accepts no process, so ours takes its parent's, and its children take ours.
 */
function makeV1Root(hierarchy: Hierarchy, path: string, files: CgroupFilesystem): void {
  files.mkdir(path)
  if (!hierarchy.controllers.includes('cpuset')) return
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (files.read(`${path}/${file}`).trim() !== '') continue
    files.write(`${path}/${file}`, files.read(`${hierarchy.mountpoint}/${file}`).trim())
  }
  files.write(`${path}/cgroup.clone_children`, '1')
}

/** Hands the wanted controllers down from the root to our groups' parent; returns those that arrived. */
function delegate(root: string, parent: string, files: CgroupFilesystem): string[] {
  const available = new Set((readOptional(files, `${root}/cgroup.controllers`) ?? '').split(/\s+/))
  return WANTED_CONTROLLERS.filter(controller => {
    if (!available.has(controller)) return false
    // One by one, since the kernel refuses a list as a whole; EBUSY in a nested group that holds processes itself.
    return [root, parent].every(
      folder =>
        attempt(() => files.write(`${folder}/cgroup.subtree_control`, `+${controller}`)) === undefined,
    )
  })
}

/** Hands controllers down to the children of a group that is new, as far as the kernel does it. */
export function delegated(folder: string, controllers: ReadonlySet<string>, files: CgroupFilesystem): void {
  for (const controller of controllers)
    attempt(() => files.write(`${folder}/cgroup.subtree_control`, `+${controller}`))
}

/** Runs a step; the errno of a refusal that only means "not here", anything else is thrown. */
function attempt(step: () => unknown): string | undefined {
  try {
    step()
    return undefined
  } catch (error) {
    const errno = errnoOf(error)
    if (errno !== undefined && ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EBUSY', 'ENOTSUP'].includes(errno))
      return errno
    throw error
  }
}

/** The folders of a place in each hierarchy, whether they are there or not. */
export function pathsIn(tree: GroupTree, place: string, oomCounter: string | undefined): CgroupPaths {
  const v1 = Object.fromEntries(
    tree.v1.map(({ controllers, path }) => [controllers.join(','), `${path}/${place}`]),
  )
  return {
    v1,
    ...(tree.unified === undefined ? {} : { unified: `${tree.unified}/${place}` }),
    ...(oomCounter === undefined ? {} : { oomCounter }),
  }
}
