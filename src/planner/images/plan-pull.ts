import type { Project } from '../../model/index.ts'
import type { Observed } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { imageReference } from '../project/names.ts'
import { selectServices } from '../project/service-set.ts'

import { builderOf } from './wanted-images.ts'

export interface PullOptions {
  readonly services?: readonly string[]
  readonly includeDependencies?: boolean
  /** `--ignore-buildable`. */
  readonly ignoreBuildable?: boolean
  /** `--ignore-pull-failures`. */
  readonly ignoreFailures?: boolean
  readonly policy?: 'missing' | 'always'
}

/**
 * What `pull` does: the images of the selected services, each once. Without a policy everything is refreshed; `missing`
 * still refreshes `:latest`. Where a pull fails, what can be built is said to be.
 */
export function planPull(project: Project, observed: Observed, options: PullOptions = {}): Plan {
  const builder = new PlanBuilder(project.name)
  const include = options.includeDependencies === true ? 'dependencies' : 'none'
  for (const { name, service } of selectServices(project, { named: options.services, include }).services) {
    if (service.provider !== undefined || (service.image === undefined && service.build !== undefined))
      continue
    const reference = imageReference(project.name, name, service)
    const maker = builderOf(project, reference)
    if (maker !== undefined && options.ignoreBuildable === true) continue
    const id = `image:${reference}:pull`
    if (builder.has(id)) continue
    const policy = options.policy ?? service.pull_policy ?? 'always'
    const isLocal = observed.images[reference] !== undefined
    if (isLocal && (policy === 'missing' || policy === 'if_not_present') && !isLatest(reference)) continue
    if (policy === 'never' || policy === 'build') continue
    builder.add({
      type: 'pullImage',
      id,
      after: [],
      resource: { kind: 'image', name: reference },
      action: 'pull',
      cause: isLocal ? 'refresh' : 'image is missing',
      changes: [],
      reference,
      ...(service.platform === undefined ? {} : { platform: service.platform }),
      ...(options.ignoreFailures === true ? { bestEffort: true } : {}),
      ...(maker === undefined ? {} : { builtBy: maker.name }),
    })
  }
  return builder.build()
}

function isLatest(reference: string): boolean {
  const last = reference.slice(reference.lastIndexOf('/') + 1)
  return !last.includes('@') && (!last.includes(':') || last.endsWith(':latest'))
}
