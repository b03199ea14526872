import { execute, observe } from '../../executor/index.ts'
import { planKill, planStop } from '../../planner/index.ts'
import type { ConnectedProject } from '../connected-project.ts'
import { connectEngine } from '../engine.ts'
import { replicasAfter } from '../replicas.ts'
import { runExclusively, runPlan, type Work, type WorkOptions } from '../run-plan.ts'
import { environmentOf } from '../target.ts'
import { planFor, type UpRequest } from '../up.ts'
import type { LogFollower } from './follower.ts'

export interface AttachedUpRequest extends UpRequest {
  /** The containers that will be shown, before the first of them starts. */
  readonly onAttach: (names: readonly string[]) => void
}

/** Brings a project up and has the follower attach to each container before it starts, so that no line is lost. */
export function upAttached(
  connected: ConnectedProject,
  follower: LogFollower,
  request: AttachedUpRequest,
): Promise<Work> {
  const { beforeStart, onAttach } = request
  return runExclusively(
    connected,
    'tscompose up',
    async observed => {
      const plan = await planFor(connected, observed, request)
      const names = follower.announce(replicasAfter(connected.project, plan, observed))
      if (names.length > 0) onAttach(names)
      return plan
    },
    {
      ...request,
      isOfFile: true,
      beforeStart: async container => {
        await beforeStart?.(container)
        await follower.attach(container)
      },
      onHookOutput: (container, line) => follower.hookOutput(container, line),
    },
  )
}

export interface StopAttachedRequest extends WorkOptions {
  /** Empty: all. */
  readonly services: readonly string[]
  /** Seconds, instead of the services' own. */
  readonly timeout?: number
  /** Kills what is being stopped. */
  readonly force: AbortSignal
}

/** Stops what an attached `up` has started; resolves when it has ended. */
export async function stopAttached(connected: ConnectedProject, request: StopAttachedRequest): Promise<void> {
  const { docker, project, target } = connected
  const { services, timeout, force } = request
  // The engine may have died; what it started runs on.
  await connectEngine(environmentOf(target))
  const options = { services, ...(timeout === undefined ? {} : { timeout }) }
  const stopping = runPlan(connected, observed => planStop(project, observed, options), request)
  const killing = aborted(force).then(async () => {
    const observed = await observe(docker, project, { drift: false })
    await execute(planKill(project, observed, { services }), docker, { project })
  })
  await Promise.race([stopping, killing])
  await stopping
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
