import { waitReady } from '../executor/index.ts'
import type { ConnectedProject } from './connected-project.ts'
import { replicasAfter, waitedResources } from './replicas.ts'
import type { Afterwards } from './run-plan.ts'

export interface ReadinessOptions {
  /** Empty: all of the project. */
  readonly services: readonly string[]
  /** Seconds; undefined: for ever. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Waits, behind a plan, until what it started runs and is healthy. */
export function untilReady({ docker, project }: ConnectedProject, options: ReadinessOptions): Afterwards {
  const { services, timeout, signal } = options
  return {
    resources: (plan, observed) => waitedResources(project, replicasAfter(project, plan, observed), services),
    run: onEvent =>
      waitReady(docker, project, {
        services,
        onEvent,
        ...(signal === undefined ? {} : { signal }),
        ...(timeout === undefined ? {} : { timeout: timeout * 1000 }),
      }),
  }
}
