import type { Project } from '../../model/index.ts'
import type { Observed } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { selectServices } from '../project/service-set.ts'

export interface PushOptions {
  readonly services?: readonly string[]
  readonly includeDependencies?: boolean
  /** `--ignore-push-failures`. */
  readonly ignoreFailures?: boolean
  /** What is here: other images are left out, as pushed from elsewhere. */
  readonly present?: Observed['images']
}

/**
 * What `push` does: the images that the selected services build and give a name, with their further tags, each once. What a service
 * only uses is somebody else's.
 */
export function planPush(project: Project, options: PushOptions = {}): Plan {
  const builder = new PlanBuilder(project.name)
  const include = options.includeDependencies === true ? 'dependencies' : 'none'
  for (const { service } of selectServices(project, { named: options.services, include }).services) {
    if (service.build === undefined || service.image === undefined) continue
    if (options.present !== undefined && options.present[service.image] === undefined) continue
    for (const reference of [service.image, ...(service.build.tags ?? [])]) {
      const id = `image:${reference}:push`
      if (builder.has(id)) continue
      builder.add({
        type: 'pushImage',
        id,
        after: [],
        resource: { kind: 'image', name: reference },
        action: 'push',
        cause: 'push',
        changes: [],
        reference,
        ...(options.ignoreFailures === true ? { bestEffort: true } : {}),
      })
    }
  }
  return builder.build()
}
