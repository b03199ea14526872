import type { Service } from '../../model/index.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import type { PlanBuilder } from './plan-builder.ts'
import { stepBase } from './step.ts'

/** Plans the `pre_stop` hooks of a container that is about to be stopped. One that fails does not keep anything from being stopped. */
export function addPreStop(
  builder: PlanBuilder,
  container: ObservedContainer,
  hooks: NonNullable<Service['pre_stop']>,
  before: readonly string[],
  action: 'stop' | 'remove' | 'restart',
  cause: string,
): readonly string[] {
  let after = before
  for (const [index, hook] of hooks.entries()) {
    const id = builder.add({
      type: 'runHook',
      id: `container:${container.name}:pre-stop-${index + 1}`,
      ...stepBase(container.name, { cause, after, action }, action),
      bestEffort: true,
      container: { name: container.name, id: container.id },
      serviceName: container.service,
      when: 'pre_stop',
      hook,
    })
    after = [id]
  }
  return after
}
