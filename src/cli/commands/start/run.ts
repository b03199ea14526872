import { waitReady } from '../../../executor/index.ts'
import { planStart } from '../../../planner/index.ts'
import type { CommandModule, RawOptions } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { type Afterwards, exclusively, runPlan, type Session } from '../../session.ts'
import { openSessionFromLabels } from '../../session-from-labels.ts'
import { replicasAfter, waitedResources } from '../up/replicas.ts'

export const run: CommandModule['run'] = async (context, services, raw) => {
  const session = await openSessionFromLabels(context)
  await exclusively(session, 'tscompose start', () =>
    runPlan(
      session,
      observed => planStart(session.project, observed, { services }),
      raw['wait'] === true ? { afterwards: waiting(session, services, raw) } : {},
    ),
  )
  return EXIT.ok
}

/** `--wait`, shown in the view of the plan. */
function waiting({ docker, project }: Session, services: readonly string[], raw: RawOptions): Afterwards {
  const { waitTimeout } = raw
  return {
    resources: (plan, observed) => waitedResources(project, replicasAfter(project, plan, observed), services),
    run: onEvent =>
      waitReady(docker, project, {
        services,
        onEvent,
        ...(typeof waitTimeout === 'number' ? { timeout: waitTimeout * 1000 } : {}),
      }),
  }
}
