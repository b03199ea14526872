import { observe } from '../executor/index.ts'
import { type Plan, planUp, type UpOptions } from '../planner/index.ts'
import { connectProject, whileConnected } from './connected-project.ts'
import { type Exposure, plannedExposure } from './exposure.ts'
import { withProblems } from './foresee.ts'
import { isLastKept } from './model.ts'
import { withObstacles } from './obstacles.ts'
import { withOtherFolder } from './other-folder.ts'
import { withPullAnswers } from './pull-answers.ts'
import { type SavedPlan, savedPlanOf } from './saved-plan.ts'
import { environmentOf, isForeign, type Target } from './target.ts'

/** What to plan, and whom to ask. */
export interface PlanRequest extends UpOptions {
  /** Whether registries are asked, for 2 seconds at most, if what is to be pulled can be had; default: they are. */
  readonly askRegistries?: boolean
}

/** What `up` would do, why, and what of it would fail; changes nothing. */
export async function plan(target: Target, request: PlanRequest = {}): Promise<Plan> {
  return (await planExposed(target, request)).plan
}

/** The same, with who will reach what it makes, and where that goes, and what is to be kept of it where it is to be executed later. */
export async function planExposed(
  target: Target,
  request: PlanRequest = {},
): Promise<{
  readonly plan: Plan
  readonly exposure: () => readonly Exposure[]
  readonly saved: () => SavedPlan
}> {
  const { services, askRegistries = true, ...rest } = request
  return whileConnected(
    connectProject(target, services === undefined ? {} : { services }),
    async connected => {
      const { project, docker } = connected
      const env = environmentOf(target)
      const observed = await observe(docker, project, {
        foreignEngine: isForeign(env),
        keepsLast: isLastKept(),
      })
      const options = { now: Date.now(), ...rest, ...(services === undefined ? {} : { services }) }
      const planned = planUp(project, observed, options)
      const made = await withObstacles(withOtherFolder(planned, observed, connected), observed, connected)
      const told = await withProblems(askRegistries ? await withPullAnswers(made, env) : made, project, env)
      return {
        plan: told,
        exposure: () => plannedExposure(told, project.model.networks ?? {}),
        saved: () => savedPlanOf(planned, observed, options),
      }
    },
  )
}
