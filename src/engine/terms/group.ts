import type { Budget } from '../../api/types/index.ts'
import type { GroupBudget } from '../cgroup/index.ts'
import type { Machine } from '../runtime/index.ts'
import type { Problems } from './problems.ts'
import type { Term } from './term.ts'

/** Where a container's control groups are. */
export interface GroupTerms {
  /** Names with slashes between, below a folder of the engine's own; absent: beside those of other containers. */
  readonly parent?: string
  /** What it shares with others. */
  readonly budget?: GroupBudget
}

const NAME_MAX = 255
const DEPTH_MAX = 8
/** A container's own groups are named by its id. */
const ID = /^[0-9a-f]{64}$/

/**
 * CGROUP_PARENT, BUDGET_INVALID. Docker takes any path of the host's hierarchies; here a parent is confined to the engine's own groups, whatever
 * it is called: containers that name the same are together in it.
 */
export const groupTerm: Term<'CgroupParent' | 'TscomposeBudget', GroupTerms> = {
  fields: { CgroupParent: true, TscomposeBudget: true },
  path: 'HostConfig.CgroupParent',
  read: ({ CgroupParent = '', TscomposeBudget }) => {
    const names = namesOf(CgroupParent)
    return {
      ...(names.length === 0 || wrongIn(names) !== undefined ? {} : { parent: names.join('/') }),
      ...(TscomposeBudget === undefined || wrongName(TscomposeBudget)
        ? {}
        : { budget: budgetOf(TscomposeBudget) }),
    }
  },
  check: ({ CgroupParent = '', TscomposeBudget }, problems, machine) => {
    if (TscomposeBudget !== undefined) checkBudget(TscomposeBudget, problems, machine)
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

/** Docker's smallest limit of a container. */
const LEAST_MEMORY = 6 * 1024 * 1024

/** A budget in the words of control groups. */
export function budgetOf({ Name, Memory, NanoCpus, PidsLimit }: Budget): GroupBudget {
  return {
    name: Name,
    ...(Memory ? { memory: Memory } : {}),
    ...(NanoCpus ? { nanoCpus: NanoCpus } : {}),
    ...(PidsLimit ? { pids: PidsLimit } : {}),
  }
}

function wrongName({ Name }: Budget): boolean {
  return !/^[\w-]{1,200}$/.test(Name)
}

function checkBudget(budget: Budget, problems: Problems, machine: Machine): void {
  const { Memory = 0, NanoCpus = 0, PidsLimit = 0 } = budget
  const refuse = (field: string, summary: string): void =>
    problems.add('BUDGET_INVALID', `HostConfig.TscomposeBudget.${field}`, `budget of the project: ${summary}`)
  if (wrongName(budget)) refuse('Name', `its name has letters, digits, _ and - alone`)
  if (Memory !== 0 && Memory < LEAST_MEMORY) refuse('Memory', `got ${Memory} bytes, want at least 6 MiB`)
  const most = machine.processors()
  if (NanoCpus !== 0 && (NanoCpus < 1e7 || NanoCpus > most * 1e9))
    refuse('NanoCpus', `got ${NanoCpus / 1e9} CPUs, want 0.01 to ${most}, the number of processors`)
  if (PidsLimit < 0) refuse('PidsLimit', `got ${PidsLimit} processes, want 1 or more`)
}
