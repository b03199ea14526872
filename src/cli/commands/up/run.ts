import { waitReady } from '../../../executor/index.ts'
import { planUp } from '../../../planner/index.ts'
import type { CommandContext } from '../../command.ts'
import { checkServices } from '../../containers.ts'
import { EXIT } from '../../exit-codes.ts'
import { watchInterrupts } from '../../interrupt.ts'
import { type Afterwards, exclusively, openSession, runPlan, type Session } from '../../session.ts'
import { askForVolumes } from './ask-volumes.ts'
import { attachAll } from './attached.ts'
import type { UpOptions } from './options.ts'
import { replicasAfter, waitedResources } from './replicas.ts'

/** Brings the project up; attached unless the options say otherwise. Returns the exit status. */
export async function runUp(
  context: CommandContext,
  services: readonly string[],
  options: UpOptions,
): Promise<number> {
  const session = await openSession(context, { services })
  const { only, except, exitCodeFrom } = options.attach
  const { model, disabledServices } = session.project
  checkServices(
    [...Object.keys(model.services), ...Object.keys(disabledServices)],
    [...only, ...except, ...(exitCodeFrom === undefined ? [] : [exitCodeFrom])],
  )
  if (options.detach || options.plan.start === false || context.globals.dryRun) {
    await upDetached(session, options)
    return EXIT.ok
  }
  return attachAll(session, options)
}

async function upDetached(session: Session, options: UpOptions): Promise<void> {
  const interrupts = watchInterrupts()
  const { graceful } = interrupts
  const { project, context } = session
  try {
    const work = (): Promise<unknown> =>
      runPlan(
        session,
        observed =>
          askForVolumes(
            context,
            planUp(project, observed, options.plan),
            recreateVolumes => planUp(project, observed, { ...options.plan, recreateVolumes }),
            graceful,
          ),
        {
          quietBuild: options.quietBuild,
          signal: graceful,
          ...(options.wait ? { afterwards: waiting(session, options, graceful) } : {}),
        },
      )
    await exclusively(session, 'tscompose up', work, graceful)
  } finally {
    interrupts.dispose()
  }
}

/** `--wait`, shown in the view of the plan. */
function waiting({ docker, project }: Session, options: UpOptions, signal: AbortSignal): Afterwards {
  const { waitTimeout } = options
  const { services = [] } = options.plan
  return {
    resources: (plan, observed) => waitedResources(project, replicasAfter(project, plan, observed), services),
    run: onEvent =>
      waitReady(docker, project, {
        services,
        signal,
        onEvent,
        ...(waitTimeout === undefined ? {} : { timeout: waitTimeout * 1000 }),
      }),
  }
}
