import { planKill } from '../../../planner/index.ts'
import type { CommandModule } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { exclusively, runPlan } from '../../session.ts'
import { openSessionFromLabels } from '../../session-from-labels.ts'

export const run: CommandModule['run'] = async (context, services, raw) => {
  const session = await openSessionFromLabels(context)
  const { signal } = raw
  const options = {
    services,
    removeOrphans: raw['removeOrphans'] === true,
    ...(typeof signal === 'string' ? { signal } : {}),
  }
  await exclusively(session, 'tscompose kill', () =>
    runPlan(session, observed => planKill(session.project, observed, options), {
      whenEmpty: 'No container to kill',
    }),
  )
  return EXIT.ok
}
