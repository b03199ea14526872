import { setTimeout as sleep } from 'node:timers/promises'
import type {
  ContainerStats,
  ContainerStatsOptions,
  LabelledStats,
  StatsOfAllOptions,
} from '../../../api/types/index.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { type ListContext, selectContainers } from '../list.ts'
import { sample, sampleMachine } from './sample.ts'

/** `GET /containers/{id}/stats`: one sample a second until the container is removed; the cpu share needs two readings, `oneShot` does without. */
export async function* streamStats(
  engine: Pick<EngineContext, 'host' | 'containers'>,
  container: Container,
  options: ContainerStatsOptions,
  signal: AbortSignal,
): AsyncGenerator<ContainerStats, void, undefined> {
  const now = (before?: ContainerStats): ContainerStats => sample(engine, container, sampleMachine(), before)
  // Of one that does not run a second reading would say no more.
  let before = options.oneShot || !container.active ? undefined : now()
  while (!signal.aborted) {
    if (before !== undefined) await sleep(1000, undefined, { signal }).catch(ignoreAbort)
    if (signal.aborted || engine.containers.find(container.id) === undefined) return
    before = now(before)
    yield options.oneShot && !options.stream ? withoutName(before) : before
    if (!options.stream) return
  }
}

function withoutName({ id, name, ...reading }: ContainerStats): ContainerStats {
  return reading
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error
}

/** Ours, `GET /tscompose/containers/stats`: one sample of each container that passes the filters, taken at one time. */
export function sampleAll(
  engine: Pick<EngineContext, 'host'> & ListContext,
  { all, filters }: StatsOfAllOptions,
): LabelledStats[] {
  const machine = sampleMachine()
  return selectContainers(engine, { all, size: false, filters }).map(container => ({
    labels: container.record.config.Labels ?? {},
    stats: sample(engine, container, machine),
  }))
}
