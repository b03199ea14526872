import type { Service } from '../../model/index.ts'
import { isAlive } from '../observed/find.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import type { PlanBuilder } from '../plan/plan-builder.ts'
import { addPreStop } from '../plan/pre-stop.ts'
import { stepBase } from '../plan/step.ts'

export interface TakeDownOptions {
  readonly builder: PlanBuilder
  /** For `pre_stop`; undefined without a Compose file, then there are no hooks. */
  readonly service: Service | undefined
  readonly cause: string
  readonly after: readonly string[]
  readonly timeout?: number | undefined
  /** Remove it once it has stopped; false = leave it there. */
  readonly remove: boolean
  /** Anonymous volumes too. */
  readonly volumes?: boolean
}

/** Ids of operations after which a container has stopped, and after which nothing more is to be done with it. */
export interface TakenDown {
  readonly stopped: readonly string[]
  readonly done: readonly string[]
}

/** Plans `pre_stop` hooks, the stop and the removal of one container. */
export function takeDown(container: ObservedContainer, options: TakeDownOptions): TakenDown {
  const { builder, service, cause, timeout } = options
  const { name } = container
  const ref = { name, id: container.id }
  const action = options.remove ? 'remove' : 'stop'
  let after = options.after
  const base = (): ReturnType<typeof stepBase> => stepBase(name, { cause, after, action }, action)
  if (isAlive(container)) {
    if (container.state === 'paused')
      after = [
        builder.add({ type: 'unpauseContainer', id: `container:${name}:unpause`, ...base(), container: ref }),
      ]
    const hooks = container.state === 'restarting' ? [] : (service?.pre_stop ?? [])
    after = addPreStop(builder, container, hooks, after, action, cause)
    after = [
      builder.add({
        type: 'stopContainer',
        id: `container:${name}:stop`,
        ...base(),
        container: ref,
        ...(timeout === undefined ? {} : { timeout }),
      }),
    ]
  }
  if (!options.remove) return { stopped: after, done: after }
  const removal = builder.add({
    type: 'removeContainer',
    id: `container:${name}:remove`,
    ...base(),
    container: ref,
    force: true,
    volumes: options.volumes ?? false,
  })
  return { stopped: isAlive(container) ? after : [removal], done: [removal] }
}
