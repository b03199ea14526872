import type { Project } from '../../model/index.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { selectServices } from '../project/service-set.ts'
import { addBuild, type BuildOverrides, finishBuilds } from './builds.ts'

export interface BuildOptions {
  readonly services?: readonly string[]
  readonly withDependencies?: boolean
  readonly noCache?: boolean
  readonly pull?: boolean
  readonly args?: Readonly<Record<string, string | null>>
  readonly overrides?: BuildOverrides
  /** Bytes that a step may have. */
  readonly memory?: number
  /** Dockerfiles are checked and nothing is built. */
  readonly check?: boolean
}

/** What `build` does: the images of the selected services that have a `build`, independent ones side by side. */
export function planBuild(project: Project, options: BuildOptions = {}): Plan {
  const builder = new PlanBuilder(project.name)
  const set = selectServices(project, {
    named: options.services,
    include: options.withDependencies === true ? 'dependencies' : 'none',
  })
  const request = {
    ...(options.noCache === undefined ? {} : { noCache: options.noCache }),
    ...(options.pull === undefined ? {} : { pull: options.pull }),
    ...(options.args === undefined ? {} : { args: options.args }),
    ...(options.overrides === undefined ? {} : { overrides: options.overrides }),
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    ...(options.check === undefined ? {} : { check: options.check }),
    allPlatforms: true,
  }
  for (const selected of set.services) {
    if (selected.service.build !== undefined)
      addBuild({ project, builder }, selected, { ...request, cause: 'build' })
    else if ((options.services ?? []).includes(selected.name))
      builder.warn('SERVICE_NOT_BUILDABLE', `service "${selected.name}" has no "build" and is left out`)
  }
  finishBuilds({ project, builder }, request)
  return builder.build()
}
