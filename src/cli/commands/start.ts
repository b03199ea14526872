import { waitReady } from '../../executor/index.ts'
import { planStart } from '../../planner/index.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, number } from '../option.ts'
import { type Afterwards, exclusively, runPlan, type Session } from '../session.ts'
import { openSessionFromLabels } from '../session-from-labels.ts'
import { replicasAfter, waitedResources } from './up/replicas.ts'

/** `tscompose start`. */
export const command: Command = defineCommand({
  description:
    'Starts stopped containers in order of depends_on, with its conditions. Changes of the file are not applied: that is up.',
  options: {
    wait: flag('--wait', 'Return when they run and are healthy'),
    waitTimeout: number('--wait-timeout <seconds>', 'Give up waiting after this time'),
  },
  run: async (context, services, { wait, waitTimeout }) => {
    const session = await openSessionFromLabels(context, services)
    await exclusively(session, 'tscompose start', () =>
      runPlan(
        session,
        observed => planStart(session.project, observed, { services }),
        wait ? { afterwards: waiting(session, services, waitTimeout) } : {},
      ),
    )
    return EXIT.ok
  },
})

/** `--wait`, shown in the view of the plan; `seconds` undefined: for ever. */
function waiting(
  { docker, project }: Session,
  services: readonly string[],
  seconds: number | undefined,
): Afterwards {
  return {
    resources: (plan, observed) => waitedResources(project, replicasAfter(project, plan, observed), services),
    run: onEvent =>
      waitReady(docker, project, {
        services,
        onEvent,
        ...(seconds === undefined ? {} : { timeout: seconds * 1000 }),
      }),
  }
}
