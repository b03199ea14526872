import { failure } from '../../diagnostics/index.ts'
import { stepBase } from '../plan/step.ts'
import { LABEL, projectLabels } from '../project/labels.ts'
import { initName } from '../project/names.ts'
import { attachmentsOf } from './attachments.ts'
import type { StartPlanning } from './planning.ts'
import { createIdOf, type ServiceFate } from './replica.ts'

/** `pre_start`: one after the other, before the first replica starts, only while none runs. */
export function addInits(planning: StartPlanning, fate: ServiceFate, waits: readonly string[]): string[] {
  const { context, decisions, fates } = planning
  const { name: serviceName, service } = fate.selected
  const replica = fate.replicas[0]
  if (replica === undefined) return []
  let last = [...waits, createIdOf(replica.name), `container:${replica.name}:rename`].filter(
    id => !id.startsWith('container:') || context.builder.has(id),
  )
  for (const [index, hook] of (service.pre_start ?? []).entries()) {
    if (hook.per_replica === true)
      throw failure({
        kind: 'notImplemented',
        code: 'PRE_START_PER_REPLICA',
        summary: `"pre_start" of service "${serviceName}" with "per_replica: true" is not supported`,
      })
    const name = initName(context.project.name, serviceName, index)
    const id = context.builder.add({
      type: 'runInit',
      id: `container:${name}:run`,
      ...stepBase(
        name,
        { cause: `before "${serviceName}" starts`, after: [...last, ...removeKept(planning, name)] },
        'start',
      ),
      serviceName,
      service,
      hook,
      name,
      image: hook.image ?? fate.image.reference,
      labels: { ...projectLabels(context.project), [LABEL.service]: serviceName, [LABEL.hook]: 'pre_start' },
      networks: attachmentsOf(context, fate.selected, name, decisions.networks, fates),
      volumesOf: replica.ref,
    })
    last = [id]
  }
  return (service.pre_start ?? []).length === 0 ? [] : last
}

/** A step that failed earlier was kept to be looked at: it goes now. */
function removeKept({ context }: StartPlanning, name: string): string[] {
  const kept = context.observed.containers.find(container => container.name === name && container.hook)
  if (kept === undefined) return []
  const step = { cause: 'kept from a run that failed', after: [], action: 'remove' } as const
  return [
    context.builder.add({
      type: 'removeContainer',
      id: `container:${name}:remove`,
      ...stepBase(name, step, 'remove'),
      container: { name, id: kept.id },
      force: true,
      volumes: true,
    }),
  ]
}
