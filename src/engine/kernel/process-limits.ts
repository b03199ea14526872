import { writeFileSync } from 'node:fs'
import type { Drift } from '../../api/types/index.ts'
import type { Host } from '../runtime/index.ts'
import { askedLimits, INFINITY, type LimitPair, parseLimits } from '../runtime/rlimits.ts'
import { capabilityBit } from '../security/index.ts'
import { type Facts, factsOf } from './facts.ts'
import { may } from './made.ts'
import type { ContainerSight, Thing } from './thing.ts'

/**
 * Limits and OOM score of the first process. A program may lower its own, and move the soft one up to the hard one: only what it
 * cannot have done itself is drift. Where PID 1 is our init, which does nothing of the kind, all is.
 */
export const PROCESS_LIMITS: Thing<ContainerSight> = {
  paths: ['rlimit', 'oom_score_adj'],
  basis: ({ made, seen }) => seen?.process && [made, seen.process],
  observe(sight) {
    const facts = factsOf(sight)
    if (facts === undefined) return undefined
    return [...rlimitDrift(facts), ...oomDrift(facts, sight.engine.host)]
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
    if (drift.some(({ Path }) => Path === 'oom_score_adj'))
      writeFileSync(`/proc/${process.pid}/oom_score_adj`, String(facts.spec.process.oomScoreAdj ?? 0))
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
  const isFixed = (capabilities & capabilityBit('SYS_RESOURCE')) !== 0n && !may(facts, 'SYS_RESOURCE')
  if (spec.init !== true && !(got < want && isFixed)) return []
  return [{ Path: 'oom_score_adj', Want: String(want), Got: String(got), Repair: 'place' }]
}

function render({ soft, hard }: LimitPair): string {
  const text = (value: bigint): string => (value === INFINITY ? 'unlimited' : String(value))
  return `${text(soft)}:${text(hard)}`
}
