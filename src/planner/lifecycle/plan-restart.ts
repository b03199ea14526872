import type { Project } from '../../model/index.ts'
import { isAlive, replicasOf } from '../observed/find.ts'
import type { Observed, ObservedContainer } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { addPreStop } from '../plan/pre-stop.ts'
import { stepBase } from '../plan/step.ts'
import { isNetworkAlone, type SelectedService, selectServices } from '../project/service-set.ts'
import type { ServiceOptions } from './options.ts'

import { addPostStart } from './plan-start.ts'

/**
 * What `restart` does: along the edges with `restart: true`, `--no-deps` the named services alone. Who is in the network of one
 * that is restarted, and has nothing else of it, stays.
 */
export function planRestart(project: Project, observed: Observed, options: ServiceOptions = {}): Plan {
  const builder = new PlanBuilder(project.name)
  const named = options.services ?? []
  const all = selectServices(project, { include: 'dependencies' })
  selectServices(project, { named, include: 'none' })
  const wanted = new Set(named.length === 0 ? all.byName.keys() : named)
  const last = new Map<string, readonly string[]>()
  for (const selected of all.services) {
    const containers = replicasOf(observed, selected.name)
    const staysBeside = (name: string): boolean =>
      isNetworkAlone(selected.service, name) && containers.every(each => each.staysInNetwork === true)
    const restarted = selected.dependencies.filter(
      ({ name, restart }) => restart === true && wanted.has(name),
    )
    if (restarted.some(({ name }) => !staysBeside(name)) && options.noDeps !== true) wanted.add(selected.name)
    if (!wanted.has(selected.name)) continue
    // Also behind one beside which it would have stayed: it joins what runs.
    const after = restarted.flatMap(({ name }) => last.get(name) ?? [])
    last.set(
      selected.name,
      containers.map(container => addRestart(builder, container, selected, after, options.timeout)),
    )
  }
  return builder.build()
}

function addRestart(
  builder: PlanBuilder,
  container: ObservedContainer,
  { name: serviceName, service }: SelectedService,
  after: readonly string[],
  timeout: number | undefined,
): string {
  const hooks = isAlive(container) ? (service.pre_stop ?? []) : []
  const before = addPreStop(builder, container, hooks, after, 'restart', 'restart')
  const id = builder.add({
    type: 'restartContainer',
    id: `container:${container.name}:restart`,
    ...stepBase(container.name, { cause: 'restart', after: before }, 'restart'),
    container: { name: container.name, id: container.id },
    serviceName,
    ...(timeout === undefined ? {} : { timeout }),
  })
  return addPostStart(builder, container, serviceName, service, id)
}
