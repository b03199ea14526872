import type { ContainerUpdateRequest, ContainerUpdateResponse, HostConfig } from '../../api/types/index.ts'
import type { Limits } from '../cgroup/index.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import { shareBudget } from '../groups/budget.ts'
import { THIS_MACHINE } from '../runtime/index.ts'
import { numbersOfDevice } from '../security/index.ts'
import { wakeContainer } from '../sleep/wake.ts'
import type { Container } from '../state/container.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { checkTerms, termsOf } from '../terms/index.ts'
import { LEAST_MEMORY } from '../terms/limit-checks.ts'
import { kernelLimits, withoutNegative } from '../terms/limits.ts'
import { Problems } from '../terms/problems.ts'
import { restartOf } from '../terms/restart.ts'
import { isUsed, unsupportedWarnings } from '../terms/without-effect.ts'
import { adaptContainer } from './adapt.ts'
import { CHANGEABLE, changeableOf } from './update-drift.ts'

/** `POST /containers/{id}/update`: limits and restart policy, of a running container in the kernel too. */
export async function updateContainer(
  engine: EngineContext,
  container: Container,
  body: ContainerUpdateRequest,
): Promise<ContainerUpdateResponse> {
  await wakeContainer(container)
  const { record } = container
  if (body.TscomposeAdapt !== undefined)
    return { Warnings: await adaptContainer(engine, container, body.TscomposeAdapt) }
  const change = withoutNegative(changeOf(body, record.hostConfig))
  const hostConfig: HostConfig = { ...record.hostConfig, ...change }
  const problems = new Problems()
  if (change.RestartPolicy !== undefined && record.hostConfig.AutoRemove === true)
    problems.add('RESTART_INVALID', 'RestartPolicy', 'the container is removed when it ends', {
      facts: { rule: 'auto-removed', id: record.id },
    })
  checkSwap(record, change, problems)
  checkBudget(record, change, problems)
  problems.throwIfAny()
  checkTerms(record.config, hostConfig, problems, THIS_MACHINE, Object.keys(change))

  problems.throwIfAny()
  const warnings = [...unchangedWarnings(body), ...unsupportedWarnings(change)]
  if (change.TscomposeBudget !== undefined) warnings.push(...shareBudget(engine, change.TscomposeBudget))
  if (container.live !== undefined) {
    const terms = termsOf(record.config, hostConfig)
    // Of what it leaves alone whoever asked for that has heard.
    const told = engine.host.cgroups.lost(limitsBeside(record, change))
    const lost = engine.host.cgroups.update(container.id, kernelLimits(terms.limits, numbersOfDevice))
    warnings.push(...lost.filter(summary => !told.includes(summary)))
    const { restart, restartMax } = restartOf(terms.restart, record.state.restartsBefore)
    if (change.RestartPolicy !== undefined) await container.live.connection.setRestart(restart, restartMax)
  }
  container.save({
    hostConfig: { ...record.hostConfig, ...change },
    madeWith: record.madeWith ?? changeableOf(record.hostConfig),
  })
  publishContainerEvent(engine, container, 'update')
  return { Warnings: warnings }
}

/** What the body leaves out, or gives as 0 or empty, stays as it was: the Docker CLI sends every field. */
function changeOf(
  body: ContainerUpdateRequest,
  { RestartPolicy: { TscomposeUnhealthy } = {} }: HostConfig,
): ContainerUpdateRequest {
  const given = [...CHANGEABLE, 'TscomposeBudget' as const].filter(field =>
    field === 'RestartPolicy' ? body.RestartPolicy?.Name : field === 'PidsLimit' || isUsed(body[field]),
  )
  const change: ContainerUpdateRequest = Object.fromEntries(
    given.flatMap(field => (body[field] === undefined ? [] : [[field, body[field]]])),
  )
  // A client that changes the policy and does not know our part of it means to leave that alone.
  const { RestartPolicy } = change
  return RestartPolicy === undefined || TscomposeUnhealthy === undefined
    ? change
    : { ...change, RestartPolicy: { TscomposeUnhealthy, ...RestartPolicy } }
}

/** The limits that a change leaves as they are. */
function limitsBeside({ config, hostConfig }: ContainerRecord, change: ContainerUpdateRequest): Limits {
  const others = Object.entries(hostConfig).filter(([field]) => !(field in change))
  return kernelLimits(termsOf(config, Object.fromEntries(others)).limits, numbersOfDevice)
}

/** Whoever raises memory says what becomes of swap, as with Docker: also of a container that had no limit of either. */
function checkSwap(
  { id, hostConfig: before }: Pick<ContainerRecord, 'id' | 'hostConfig'>,
  { Memory, MemorySwap }: ContainerUpdateRequest,
  problems: Problems,
): void {
  // What is too little for any container is told as that.
  if (Memory === undefined || Memory < LEAST_MEMORY || MemorySwap !== undefined) return
  const total = before.MemorySwap || 2 * (before.Memory ?? 0)
  if (Memory <= total) return
  problems.add(
    'MEMORY_INVALID',
    'Memory',
    `got ${Memory}, want at most the limit of memory and swap, ${total}`,
    { hint: 'set MemorySwap too', facts: { rule: 'above swap', id } },
  )
}

/** A group cannot move while somebody is in it: who shares a budget was made so. */
function checkBudget(
  { hostConfig: before }: Pick<ContainerRecord, 'hostConfig'>,
  { TscomposeBudget: wanted }: ContainerUpdateRequest,
  problems: Problems,
): void {
  if (wanted === undefined || wanted.Name === before.TscomposeBudget?.Name) return
  const summary = 'a container cannot join or leave a budget once it is made'
  problems.add('BUDGET_INVALID', 'HostConfig.TscomposeBudget.Name', summary)
}

function unchangedWarnings(body: ContainerUpdateRequest): string[] {
  const changeable: readonly string[] = [...CHANGEABLE, 'TscomposeBudget']
  return Object.entries(body)
    .filter(([field, value]) => !changeable.includes(field) && isUsed(value))
    .map(([field]) => `${field} is not changed: an update changes limits and the restart policy alone`)
}
