import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs'
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
  /** Of /proc/<pid>/mountinfo: the same object as at the look before where it says the same. */
  readonly mountinfo: Buffer
  /** Texts of /proc/<pid>/…: */
  readonly status: string
  /** These two are empty where nobody asked for any. */
  readonly limits: string
  readonly oomScore: string
  readonly groups: string
}

type Sight = Pick<ContainerSight, 'engine' | 'container'>

const known = new WeakMap<Sight, Promise<Facts | undefined>>()

/** The facts of a sight; undefined where the process has ended, or nobody knows any more what it was made from. */
export function factsOf(sight: Sight): Promise<Facts | undefined> {
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

async function read({ engine, container }: Sight): Promise<Facts | undefined> {
  const { live } = container
  const spec = await live?.spec().catch(lostSpec)
  if (spec === undefined || live?.status === undefined || container.live !== live) return undefined
  const process = firstProcessOf(live.status)
  const texts = textsOf(process, spec)
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

/** Of limits and OOM score nothing where nobody asked for any: to each of a hundred containers' it is a tenth of a millisecond. */
function textsOf(process: ProcessOfThisBoot, spec: RuntimeSpec): Texts | undefined {
  const { rlimits = [], oomScoreAdj } = spec.process
  const text = (file: string): string => readFileSync(`/proc/${process.pid}/${file}`, 'utf8')
  try {
    const texts = {
      mountinfo: mountTable(process, spec),
      limits: rlimits.length === 0 ? '' : text('limits'),
      status: text('status'),
      oomScore: oomScoreAdj === undefined ? '' : text('oom_score_adj'),
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

const tables = new WeakMap<RuntimeSpec, Buffer>()
let room = Buffer.allocUnsafe(64 * 1024)

/** By run: seven thousand bytes that are hardly ever others than before become garbage at no look. */
function mountTable({ pid }: ProcessOfThisBoot, spec: RuntimeSpec): Buffer {
  const file = openSync(`/proc/${pid}/mountinfo`, 'r')
  let length = 0
  try {
    for (let got = -1; got !== 0; length += got) {
      if (length === room.length) room = Buffer.concat([room, room])
      got = readSync(file, room, length, room.length - length, null)
    }
  } finally {
    closeSync(file)
  }
  const now = room.subarray(0, length)
  const before = tables.get(spec)
  if (before?.equals(now) === true) return before
  const kept = Buffer.from(now)
  tables.set(spec, kept)
  return kept
}
