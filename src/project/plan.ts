import { observe } from '../executor/index.ts'
import { type Plan, planUp, type UpOptions } from '../planner/index.ts'
import { connectProject, whileConnected } from './connected-project.ts'
import type { Target } from './target.ts'

/** What `up` would do, and why; changes nothing. */
export async function plan(target: Target, options: UpOptions = {}): Promise<Plan> {
  const { services } = options
  return whileConnected(
    connectProject(target, services === undefined ? {} : { services }),
    async ({ project, docker }) =>
      planUp(project, await observe(docker, project), { now: Date.now(), ...options }),
  )
}
