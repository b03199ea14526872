import { Failure } from '../../diagnostics/index.ts'
import type { ProcessOfThisBoot } from '../../linux/process-identity.ts'
import { firstProcessOf } from '../../native/index.ts'
import type { Endpoint } from '../../network/index.ts'
import { joinedOf, kernelEndpoints } from '../endpoints/joined.ts'
import type { RuntimeSpec } from '../runtime/index.ts'
import { capabilityBit, resolveCapabilities } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { KeptPart } from '../state/kept-part.ts'

/** What a container that runs, or sleeps without a process, was made from, and has by now: another object where anything of it is otherwise. */
export interface Made {
  /** Its first one; undefined of one that sleeps without any. */
  readonly process: ProcessOfThisBoot | undefined
  /** Undefined where nobody knows it any more. */
  readonly spec: RuntimeSpec | undefined
  /** An engine that has taken it over has its spec from a record, which may have been lost. */
  readonly isBegunHere: boolean
  /** Bits of the capabilities that anything in it may ever have. */
  readonly capabilities: bigint
  readonly endpoints: readonly Endpoint[]
}

/** What one that runs was made from. */
export type RunningMade = Made & { readonly process: ProcessOfThisBoot }

export function isRunning(made: Made): made is RunningMade {
  return made.process !== undefined
}

const kept = new KeptPart<Container, Made>()

/** Undefined of a container that has ended. */
export async function madeOf(engine: EngineContext, container: Container): Promise<Made | undefined> {
  const { live } = container
  const spec = await live?.spec().catch(lostSpec)
  const { terms, name } = container
  if (live?.status === undefined || container.live !== live) return undefined
  const process = container.restsWithoutProcess ? undefined : firstProcessOf(live.status)
  const joined = joinedOf(engine, container)
  const from = [live, process?.pid, process?.startTime, spec, terms, name]
  return kept.of(container, [...from, ...joined.flatMap(({ record, network }) => [record, network])], () => ({
    process,
    spec,
    isBegunHere: live.isBegunHere,
    capabilities: resolveCapabilities(spec?.security ?? terms.security, engine.host.capabilities),
    endpoints: kernelEndpoints(container, joined, { container: name, engineId: engine.paths.engineId }),
  }))
}

/** Its image is gone, say: that is told elsewhere. */
function lostSpec(error: unknown): undefined {
  if (error instanceof Failure) return undefined
  throw error
}

/** Whether something in the container may do what takes this capability: then what it takes is the container's own affair. */
export function may({ capabilities }: Pick<Made, 'capabilities'>, capability: string): boolean {
  return (capabilities & capabilityBit(capability)) !== 0n
}

/**
 * Files of /proc/<pid> in the order in which they are read. Of limits and OOM score nothing where nobody asked for any, of the label where it has none; the
 * ids are given to a process once, so that who begins it need not ask.
 */
export function processFilesOf({ spec, isBegunHere }: Made): readonly string[] {
  const { rlimits = [], oomScoreAdj } = spec?.process ?? {}
  return [
    'cgroup',
    ...(isBegunHere ? [] : ['uid_map']),
    ...(rlimits.length === 0 ? [] : ['limits']),
    ...(oomScoreAdj === undefined ? [] : ['oom_score_adj']),
    ...(spec?.security.labels?.process === undefined ? [] : ['attr/current']),
  ]
}
