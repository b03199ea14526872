import type { Service } from '../../model/index.ts'
import { parseLongDuration } from '../../notation/index.ts'
import type { UpdatePart } from '../plan/operation.ts'
import { stepBase } from '../plan/step.ts'
import { type ContainerPlanning, guardOf } from './planning.ts'
import { createIdOf, mayChange, type Replica, type ServiceFate } from './replica.ts'
import { removeIdOf, stopIdOf } from './steps.ts'

/** `deploy.update_config`, in milliseconds. */
interface UpdateTerms {
  /** How many replicas change at once; undefined: all. */
  readonly parallelism: number | undefined
  /** Between two groups. */
  readonly delay: number
  /** How long a new one is looked at; undefined: the executor's choice. */
  readonly monitor: number | undefined
  /** Replicas that are done are to be as before where another one fails. */
  readonly takesBack: boolean
  /** Of so many replicas, how many may fail before the rest is left as it is. */
  readonly tolerated: (replicas: number) => number
}

/** How containers of a service are replaced; undefined where it says nothing: all at once, and none is looked at. */
function updateTerms({ deploy }: Service): UpdateTerms | undefined {
  const update = deploy?.update_config
  if (update === undefined) return undefined
  const { parallelism, delay, monitor, failure_action: action, max_failure_ratio: ratio = 0 } = update
  return {
    parallelism: parallelism === 0 ? undefined : parallelism,
    delay: milliseconds(delay) ?? 0,
    // Unset is written as nothing.
    monitor: milliseconds(monitor) || undefined,
    takesBack: action === 'rollback',
    tolerated: replicas => (action === 'continue' ? replicas : Math.floor(ratio * replicas)),
  }
}

function milliseconds(text: string | undefined): number | undefined {
  const nanoseconds = text === undefined ? undefined : parseLongDuration(text)
  return nanoseconds === undefined ? undefined : nanoseconds / 1e6
}

/** Id of the operation that looks at a replica's new container. */
function watchIdOf(name: string): string {
  return `container:${name}:watch`
}

/** Id of the operation by which a replica's new container gets names and ports of the one before. */
export function relieveIdOf(name: string): string {
  return `container:${name}:relieve`
}

/** The last operation of a replica's start. */
function startedIdOf({ selected }: ServiceFate, name: string): string {
  const hooks = selected.service.post_start?.length ?? 0
  return hooks === 0 ? `container:${name}:start` : `container:${name}:post-start-${hooks}`
}

/** Has the replicas of services that say so replaced one group after the other, and says what becomes of the rest where one fails. */
export function planUpdates(planning: ContainerPlanning): void {
  for (const fate of planning.fates.values()) {
    const terms = updateTerms(fate.selected.service)
    const replaced = fate.replicas.filter(replica => replica.existing !== undefined && mayChange(replica))
    if (terms === undefined || replaced.length === 0) continue
    const size = terms.parallelism ?? replaced.length
    const groups = Array.from({ length: Math.ceil(replaced.length / size) }, (_, index) =>
      replaced.slice(index * size, (index + 1) * size),
    )
    const isWatched = groups.length > 1 || terms.monitor !== undefined
    for (const replica of replaced) if (isWatched && !replica.beside) addWatch(planning, fate, replica)
    for (const [index, group] of groups.entries())
      if (index > 0) putBehind(planning, fate, terms, group, groups[index - 1] ?? [])
    if (terms.takesBack && groups.length > 1)
      planning.context.builder.warn(
        'UPDATE_NOT_TAKEN_BACK',
        `service "${fate.selected.name}": where a replica cannot be updated, it stays as it is, and those before it as they are then`,
      )
    for (const replica of replaced) sayPart(planning, fate, replica, terms.tolerated(replaced.length))
  }
}

/** Plans to look at a new container until it counts as updated. */
export function addWatch({ context }: ContainerPlanning, fate: ServiceFate, replica: Replica): string {
  const { monitor } = updateTerms(fate.selected.service) ?? {}
  return context.builder.add({
    type: 'watchContainer',
    id: watchIdOf(replica.name),
    ...stepBase(
      replica.name,
      {
        cause: replica.obsolete?.cause ?? '',
        guard: guardOf(replica),
        action: 'recreate',
        after: [startedIdOf(fate, replica.name)],
      },
      'wait',
    ),
    container: replica.ref,
    serviceName: fate.selected.name,
    ...(monitor === undefined ? {} : { monitor }),
  })
}

function putBehind(
  { context: { builder } }: ContainerPlanning,
  fate: ServiceFate,
  { delay }: UpdateTerms,
  group: readonly Replica[],
  before: readonly Replica[],
): void {
  const last = before.map(({ name, beside }) => (beside ? `container:${name}:rename` : watchIdOf(name)))
  for (const replica of group) {
    const { name, obsolete } = replica
    const step = {
      cause: obsolete?.cause ?? '',
      guard: guardOf(replica),
      action: 'recreate',
      after: last,
    } as const
    const delayed =
      delay === 0
        ? last
        : [
            builder.add({
              type: 'awaitDelay',
              id: `container:${name}:delay`,
              ...stepBase(name, step, 'wait'),
              milliseconds: delay,
              serviceName: fate.selected.name,
            }),
          ]
    builder.addAfter(createIdOf(name), delayed)
  }
}

/** What of a replica's operations may fail, and what it leaves. */
function sayPart(
  { context: { builder } }: ContainerPlanning,
  { selected }: ServiceFate,
  { name, existing, beside, ref }: Replica,
  tolerates: number,
): void {
  if (existing === undefined) return
  const part: UpdatePart = { service: selected.name, replica: name, tolerates }
  const made = [`container:${name}:start`, watchIdOf(name), relieveIdOf(name)]
  const hooks = builder.idsFrom(`container:${name}:post-start-`)
  for (const id of [...made, ...hooks])
    builder.amend(id, { update: beside ? { ...part, withdraws: ref } : part })
  const others = [stopIdOf(existing), removeIdOf(existing), `container:${existing.name}:drain`]
  for (const id of [createIdOf(name), `container:${name}:rename`, ...others])
    builder.amend(id, { update: part })
}
