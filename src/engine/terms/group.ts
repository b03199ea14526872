import type { Term } from './term.ts'

/** Where a container's control groups are. */
export interface GroupTerms {
  /** Names with slashes between, below a folder of the engine's own; absent: beside those of other containers. */
  readonly parent?: string
}

const NAME_MAX = 255
const DEPTH_MAX = 8
/** A container's own groups are named by its id. */
const ID = /^[0-9a-f]{64}$/

/**
 * CGROUP_PARENT. Docker takes any path of the host's hierarchies; here a parent is confined to the engine's own groups, whatever
 * it is called: containers that name the same are together in it.
 */
export const groupTerm: Term<'CgroupParent', GroupTerms> = {
  fields: { CgroupParent: true },
  path: 'HostConfig.CgroupParent',
  read: ({ CgroupParent = '' }) => {
    const names = namesOf(CgroupParent)
    return names.length === 0 || wrongIn(names) !== undefined ? {} : { parent: names.join('/') }
  },
  check: ({ CgroupParent = '' }, problems) => {
    const wrong = wrongIn(namesOf(CgroupParent))
    if (wrong === undefined) return
    const summary = `control group ${JSON.stringify(CgroupParent)} cannot be a parent: ${wrong}`
    problems.add('CGROUP_PARENT', 'HostConfig.CgroupParent', summary, { facts: { parent: CgroupParent } })
  },
}

function namesOf(path: string): string[] {
  return path.split('/').filter(name => name !== '')
}

function wrongIn(names: readonly string[]): string | undefined {
  if (names.length > DEPTH_MAX) return `at most ${DEPTH_MAX} names`
  if (names.some(name => /^\.+$/.test(name))) return 'it leads elsewhere'
  if (names.some(name => !/^[\w.:@-]+$/.test(name) || name.length > NAME_MAX))
    return 'names have letters, digits and _.:@- alone'
  // A control file of the parent's has such a name.
  if (
    names.some(name =>
      /^(cgroup|cpu|cpuset|cpuacct|memory|io|blkio|pids|hugetlb|devices|freezer)\.|^(tasks|notify_on_release|release_agent)$/.test(
        name,
      ),
    )
  )
    return 'it is called as a file of control groups'
  if (names.some(name => ID.test(name))) return "it is called as a container's own"
  return undefined
}
