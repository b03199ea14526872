import { readFileSync, readlinkSync } from 'node:fs'
import { errnoOf, Failure } from '../../diagnostics/index.ts'
import { type ProcessOfThisBoot, startTimeOf } from '../../linux/process-identity.ts'
import { firstProcessOf } from '../../native/index.ts'
import type { RuntimeSpec } from '../runtime/index.ts'
import { capabilityBit, resolveCapabilities } from '../security/index.ts'
import type { ContainerSight } from './thing.ts'

/** What /proc says of a container's first process, read once for all who ask of the same sight. */
export interface Facts {
  readonly process: ProcessOfThisBoot
  /** What it was made from. */
  readonly spec: RuntimeSpec
  /** Bits of the capabilities that anything in it may ever have. */
  readonly capabilities: bigint
  /** Texts of /proc/<pid>/…: */
  readonly mountinfo: string
  readonly limits: string
  readonly status: string
  readonly oomScore: string
  readonly groups: string
}

const known = new WeakMap<ContainerSight, Promise<Facts | undefined>>()

/** The facts of a sight; undefined where the process has ended, or nobody knows any more what it was made from. */
export function factsOf(sight: ContainerSight): Promise<Facts | undefined> {
  const before = known.get(sight)
  if (before !== undefined) return before
  const facts = read(sight)
  known.set(sight, facts)
  return facts
}

/** Whether something in the container may do what takes this capability: then what it takes is the container's own affair. */
export function may({ capabilities }: Pick<Facts, 'capabilities'>, capability: string): boolean {
  return (capabilities & capabilityBit(capability)) !== 0n
}

async function read({ engine, container }: ContainerSight): Promise<Facts | undefined> {
  const { live } = container
  const spec = await live?.spec().catch(lostSpec)
  if (spec === undefined || live?.status === undefined || container.live !== live) return undefined
  const process = firstProcessOf(live.status)
  const texts = textsOf(process)
  // Where the record of its run was lost, it does not say whose ids the container has: then nothing is known for certain.
  if (texts === undefined || texts.isMapped !== (spec.userNamespace !== undefined)) return undefined
  return {
    process,
    spec,
    capabilities: resolveCapabilities(spec.security, engine.host.capabilities),
    ...texts,
  }
}

/** Its image is gone, say: that is told elsewhere. */
function lostSpec(error: unknown): undefined {
  if (error instanceof Failure) return undefined
  throw error
}

type Texts = Omit<Facts, 'process' | 'spec' | 'capabilities'> & { readonly isMapped: boolean }

function textsOf(process: ProcessOfThisBoot): Texts | undefined {
  const text = (file: string): string => readFileSync(`/proc/${process.pid}/${file}`, 'utf8')
  try {
    const texts = {
      mountinfo: text('mountinfo'),
      limits: text('limits'),
      status: text('status'),
      oomScore: text('oom_score_adj'),
      groups: text('cgroup'),
      isMapped: readlinkSync(`/proc/${process.pid}/ns/user`) !== readlinkSync('/proc/self/ns/user'),
    }
    // Now the number was nobody else's before.
    return startTimeOf(process.pid) === process.startTime ? texts : undefined
  } catch (error) {
    // EINVAL: the mounts of one that ends are gone before it is.
    if (['ENOENT', 'ESRCH', 'EINVAL'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
