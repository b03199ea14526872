import { readFileSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import { type ProcessOfThisBoot, startTimeOf } from '../../linux/process-identity.ts'
import { readTexts } from '../../native/index.ts'
import type { RuntimeSpec } from '../runtime/index.ts'
import { isRunning, processFilesOf, type RunningMade } from './made.ts'
import type { ContainerSight } from './thing.ts'

/** What /proc says of a container's first process, as text, beside what it was made from. */
export interface Facts extends RunningMade {
  readonly spec: RuntimeSpec
  /** Of its rights alone. */
  readonly status: string
  /** These two are empty where nobody asked for any. */
  readonly limits: string
  readonly oomScore: string
  readonly groups: string
  /** Of SELinux; empty where it has none. */
  readonly label: string
}

const known = new WeakMap<Pick<ContainerSight, 'seen'>, Facts>()

/** The facts of a sight; undefined where the process has ended, or nobody knows any more what it was made from. */
export function factsOf(sight: Pick<ContainerSight, 'made' | 'seen'>): Facts | undefined {
  const facts = known.get(sight) ?? read(sight)
  if (facts !== undefined) known.set(sight, facts)
  return facts
}

function read({ made, seen }: Pick<ContainerSight, 'made' | 'seen'>): Facts | undefined {
  const { spec } = made ?? {}
  if (
    made === undefined ||
    !isRunning(made) ||
    spec === undefined ||
    seen?.process === undefined ||
    seen.status === undefined
  )
    return undefined
  const texts = readTexts(seen.process)
  const files = processFilesOf(made)
  const text = (file: string): string => texts[files.indexOf(file)] ?? ''
  // Where the record of its run was lost, it does not say whose ids the container has: then nothing is known for certain.
  if (!made.isBegunHere && (text('uid_map') !== ownIds()) !== (spec.userNamespace !== undefined))
    return undefined
  return {
    ...made,
    spec,
    status: readTexts(seen.status)[0] ?? '',
    limits: text('limits'),
    oomScore: text('oom_score_adj'),
    groups: text('cgroup'),
    label: text('attr/current').replace(/\0$/, ''),
  }
}

let ids: string | undefined

/** The ids of this process's user namespace, as the kernel tells those of others in it. */
function ownIds(): string {
  ids ??= readFileSync('/proc/self/uid_map', 'utf8')
  return ids
}

/** A file of /proc/<pid>; empty where that process has ended. */
export function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return ''
    throw error
  }
}

/** /proc/<pid>/mountinfo; undefined where the process has ended. */
export function mountTable({ pid, startTime }: ProcessOfThisBoot): string | undefined {
  try {
    const table = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
    // Now the number was nobody else's before.
    return startTimeOf(pid) === startTime ? table : undefined
  } catch (error) {
    // EINVAL: the mounts of one that ends are gone before it is.
    if (['ENOENT', 'ESRCH', 'EINVAL'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
