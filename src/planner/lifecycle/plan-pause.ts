import { failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import { byName, isReplica } from '../observed/find.ts'
import type { Observed } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { stepBase } from '../plan/step.ts'
import { selectServices } from '../project/service-set.ts'
import type { ServiceOptions } from './options.ts'

const ALIVE: readonly string[] = ['running', 'paused']

/**
 * What `pause` and `unpause` do. Where processes are there and none of them is in the right state, it is a Failure; where there are
 * none at all, as with Docker Compose, it is nothing.
 */
export function planPause(
  project: Project,
  observed: Observed,
  options: ServiceOptions & { readonly unpause?: boolean } = {},
): Plan {
  const builder = new PlanBuilder(project.name)
  const wanted = options.unpause === true ? 'paused' : 'running'
  const type = options.unpause === true ? 'unpauseContainer' : 'pauseContainer'
  const action = options.unpause === true ? 'unpause' : 'pause'
  const { services } = selectServices(project, { named: options.services, include: 'none' })
  const containers = services.flatMap(({ name }) =>
    observed.containers
      .filter(one => one.service === name && isReplica(one) && ALIVE.includes(one.state))
      .sort(byName),
  )
  for (const container of containers.filter(({ state }) => state === wanted))
    builder.add({
      type,
      id: `container:${container.name}:${action}`,
      ...stepBase(container.name, { cause: action, after: [] }, action),
      container: { name: container.name, id: container.id },
    })
  const plan = builder.build()
  if (plan.operations.length > 0 || containers.length === 0) return plan
  const names = containers.map(({ name }) => name).join(', ')
  const are = containers.length === 1 ? 'is' : 'are'
  throw failure({
    kind: 'conflict',
    code: 'NO_CONTAINER_IN_STATE',
    summary: `nothing to ${action}: ${names} ${are} ${options.unpause === true ? 'not' : 'already'} paused`,
  })
}
