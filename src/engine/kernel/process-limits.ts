import { writeFileSync } from 'node:fs'
import type { Drift } from '../../api/types/index.ts'
import type { Host } from '../runtime/index.ts'
import { askedLimits, INFINITY, type LimitPair, parseLimits } from '../runtime/rlimits.ts'
import { capabilityBit } from '../security/index.ts'
import { type Facts, factsOf, readProcess } from './facts.ts'
import { may } from './made.ts'
import type { ContainerSight, Thing } from './thing.ts'

/**
 * Limits and OOM score of the first process. A program may lower its own, and move the soft one up to the hard one: only what it
 * cannot have done itself is drift. Where PID 1 is our init, which does nothing of the kind, all is.
 */
export const PROCESS_LIMITS: Thing<ContainerSight> = {
  paths: ['rlimit', 'oom_score_adj'],
  // Of its other processes nothing is seen.
  basis: ({ made, seen }) =>
    made?.spec?.process.oomScoreAdj === undefined ? seen?.process && [made, seen.process] : undefined,
  observe(sight) {
    const facts = factsOf(sight)
    if (facts === undefined) return undefined
    const first = oomDrift(facts, sight.engine.host)
    return [...rlimitDrift(facts), ...(first.length > 0 ? first : othersDrift(sight, facts))]
  },
  async repair(sight, drift) {
    const { engine } = sight
    const facts = factsOf(sight)
    if (facts === undefined) return
    const { process } = facts
    const found = parseLimits(facts.limits)
    const wanted = askedLimits(facts.spec.process.rlimits ?? [])
    const outside = wanted.flatMap(want => {
      if (!drift.some(({ Path }) => Path === pathOf(want.name))) return []
      const { soft, hard } = facts.spec.init === true ? want : lowered(found[want.name], want)
      return [{ op: 'setLimit', ...process, resource: want.resource, soft, hard } as const]
    })
    if (outside.length > 0) await engine.native.run({ outside })
    if (!drift.some(({ Path }) => Path === 'oom_score_adj')) return
    const pids = oomDrift(facts, engine.host).length > 0 ? [process.pid] : []
    for (const pid of [...pids, ...loweredOf(sight, facts).map(each => each.pid)])
      writeFileSync(`/proc/${pid}/oom_score_adj`, String(facts.spec.process.oomScoreAdj ?? 0))
  },
}

type LimitFacts = Pick<Facts, 'spec' | 'capabilities' | 'limits' | 'oomScore'>

function pathOf(name: string): string {
  return `rlimit.${name}`
}

/** Of those that were asked for: the others are of the engine that started it. */
export function rlimitDrift(facts: LimitFacts): Drift[] {
  const asked = askedLimits(facts.spec.process.rlimits ?? [])
  const found = asked.length === 0 ? {} : parseLimits(facts.limits)
  return asked.flatMap(want => {
    const got = found[want.name]
    const isSame = got === undefined || (got.soft === want.soft && got.hard === want.hard)
    if (isSame || !(facts.spec.init === true || (got.hard > want.hard && !may(facts, 'SYS_RESOURCE'))))
      return []
    return [{ Path: pathOf(want.name), Want: render(want), Got: render(got), Repair: 'place' }]
  })
}

/** The soft limit that it chose, as far as it may be. */
function lowered(got: LimitPair | undefined, { hard }: LimitPair): LimitPair {
  return { soft: got !== undefined && got.soft < hard ? got.soft : hard, hard }
}

/** The kernel lets nobody lower what the engine has set, where that may set it. One that nobody asked for is the engine's own. */
export function oomDrift(facts: LimitFacts, { capabilities }: Pick<Host, 'capabilities'>): Drift[] {
  const { spec, oomScore } = facts
  const want = spec.process.oomScoreAdj
  const got = Number(oomScore)
  if (want === undefined || got === want) return []
  if (spec.init !== true && !(got < want && isFixed(facts, { capabilities }))) return []
  return [oomDriftOf(want, got)]
}

function oomDriftOf(want: number, got: number): Drift {
  return { Path: 'oom_score_adj', Want: String(want), Got: String(got), Repair: 'place' }
}

/** Nobody in the container lowers what the engine has set. */
function isFixed(facts: LimitFacts, { capabilities }: Pick<Host, 'capabilities'>): boolean {
  return (capabilities & capabilityBit('SYS_RESOURCE')) !== 0n && !may(facts, 'SYS_RESOURCE')
}

function othersDrift(sight: ContainerSight, facts: Facts): Drift[] {
  const [lowest] = loweredOf(sight, facts)
  return lowest === undefined ? [] : [oomDriftOf(facts.spec.process.oomScoreAdj ?? 0, lowest.score)]
}

/** Its processes beside the first that the kernel spares rather than was asked for, the most spared one first. */
function loweredOf(
  { engine: { host }, container }: ContainerSight,
  facts: Facts,
): readonly { readonly pid: number; readonly score: number }[] {
  const want = facts.spec.process.oomScoreAdj
  if (want === undefined || !isFixed(facts, host)) return []
  return host.cgroups
    .processes(container.id)
    .flatMap(pid => {
      const text = readProcess(pid, 'oom_score_adj')
      return pid === facts.process.pid || text === '' || Number(text) >= want
        ? []
        : [{ pid, score: Number(text) }]
    })
    .sort((a, b) => a.score - b.score)
}

function render({ soft, hard }: LimitPair): string {
  const text = (value: bigint): string => (value === INFINITY ? 'unlimited' : String(value))
  return `${text(soft)}:${text(hard)}`
}
