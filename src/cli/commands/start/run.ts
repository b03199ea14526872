import { waitReady } from '../../../executor/index.ts'
import { planStart } from '../../../planner/index.ts'
import type { CommandModule } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { exclusively, runPlan } from '../../session.ts'
import { openSessionFromLabels } from '../../session-from-labels.ts'

export const run: CommandModule['run'] = async (context, services, raw) => {
  const session = await openSessionFromLabels(context)
  await exclusively(session, 'tscompose start', async () => {
    await runPlan(session, observed => planStart(session.project, observed, { services }))
    const { waitTimeout } = raw
    if (raw['wait'] === true)
      await waitReady(session.docker, session.project, {
        services,
        ...(typeof waitTimeout === 'number' ? { timeout: waitTimeout * 1000 } : {}),
      })
  })
  return EXIT.ok
}
