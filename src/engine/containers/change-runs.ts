import { readFileSync, writeFileSync } from 'node:fs'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { type ProcessOfThisBoot, startTimeOf } from '../../linux/process-identity.ts'
import { isUnknownToMonitor, type SetLimitOp } from '../../native/index.ts'
import { compileContainer, type RuntimeSpec } from '../runtime/index.ts'
import { compileRlimits, parseLimits, resourceOf } from '../runtime/rlimits.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { ContainerTerms } from '../terms/index.ts'

/** How often processes are looked for that others have begotten meanwhile, with the limits of before. */
const ROUNDS = 5

/**
 * Has a container that runs have the rlimits, the OOM score and the log's limits that its terms say: all of its processes, and by its monitor's program
 * whatever runs after this. Errors: ADAPT_COLD.
 */
export async function changeRuns(
  engine: EngineContext,
  container: Container,
  before: ContainerTerms | undefined,
): Promise<string[]> {
  const { live } = container
  if (live === undefined) return []
  const spec = specOf(await live.spec(), container.terms)
  await live.connection.setProgram(compileContainer(spec, engine.host)).catch(error => {
    throw isUnknownToMonitor(error) ? olderMonitor(container) : error
  })
  live.spec = () => Promise.resolve(spec)
  const gone = lifted(before, container, live.status?.monitorPid)
  const limits = limitsOf(engine, container, before, gone)
  const seen = new Set<number>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const others = engine.host.cgroups.processes(container.id).filter(pid => !seen.has(pid))
    if (others.length === 0) break
    for (const pid of others) seen.add(pid)
    await changeProcesses(engine, others, limits, spec.process.oomScoreAdj ?? 0)
  }
  return []
}

function specOf(spec: RuntimeSpec, { ulimits, process, log }: ContainerTerms): RuntimeSpec {
  const { oomScoreAdj: _, ...own } = spec.process
  const { oomScoreAdj } = process
  const { log: kept } = spec.supervision
  return {
    ...spec,
    process: { ...own, rlimits: ulimits, ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }) },
    supervision: {
      ...spec.supervision,
      ...(kept === undefined || log.kept === undefined ? {} : { log: { ...kept, ...log.kept } }),
    },
  }
}

type Limit = Pick<SetLimitOp, 'resource' | 'soft' | 'hard'>

/** Limits that were asked for until now have again what the monitor has, which its engine gave it. */
function lifted(
  before: ContainerTerms | undefined,
  { terms }: Container,
  monitor: number | undefined,
): Limit[] {
  const gone = (before?.ulimits ?? []).filter(({ name }) => !terms.ulimits.some(each => each.name === name))
  if (gone.length === 0 || monitor === undefined) return []
  const own = parseLimits(readFileSync(`/proc/${monitor}/limits`, 'utf8'))
  return gone.flatMap(({ name }) => {
    const pair = own[name]
    return pair === undefined ? [] : [{ resource: resourceOf(name), ...pair }]
  })
}

/** Those that are others than before; what a process has lowered for itself stays. What each container has unasked goes before what the monitor has. */
function limitsOf(
  { host }: EngineContext,
  { terms }: Container,
  before: ContainerTerms | undefined,
  gone: readonly Limit[],
): Limit[] {
  const compiled = (limits: ContainerTerms['ulimits']): Limit[] =>
    compileRlimits(limits, host.rlimits, host.capabilities).flatMap(op =>
      op.op === 'rlimit' ? [{ resource: op.resource, soft: op.soft, hard: op.hard }] : [],
    )
  const had = before === undefined ? [] : compiled(before.ulimits)
  const isSame = (limit: Limit): boolean =>
    had.some(
      ({ resource, soft, hard }) => resource === limit.resource && soft === limit.soft && hard === limit.hard,
    )
  const wanted = compiled(terms.ulimits)
  const unasked = gone.filter(({ resource }) => !wanted.some(each => each.resource === resource))
  return [...unasked, ...wanted.filter(limit => !isSame(limit))]
}

/** What has ended meanwhile needs nothing. */
async function changeProcesses(
  { native }: EngineContext,
  pids: readonly number[],
  limits: readonly Limit[],
  oomScore: number,
): Promise<void> {
  for (const pid of pids) {
    const startTime = startTimeOf(pid)
    if (startTime === undefined) continue
    const process: ProcessOfThisBoot = { pid, startTime }
    try {
      if (limits.length > 0)
        await native.run({ outside: limits.map(each => ({ op: 'setLimit', ...process, ...each }) as const) })
      writeFileSync(`/proc/${pid}/oom_score_adj`, String(oomScore))
    } catch (error) {
      if (startTimeOf(pid) === startTime || errnoOf(error) === 'EACCES') throw error
    }
  }
}

function olderMonitor({ name }: Container): Error {
  return failure({
    code: 'ADAPT_COLD',
    kind: 'conflict',
    summary: `limits and log of container ${name} cannot be changed while it runs: its monitor is of an older version`,
    hint: 'make it anew',
  })
}
