import { planStop } from '../../../planner/index.ts'
import type { CommandModule } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { exclusively, runPlan } from '../../session.ts'
import { openSessionFromLabels } from '../../session-from-labels.ts'

export const run: CommandModule['run'] = async (context, services, raw) => {
  const session = await openSessionFromLabels(context)
  const { timeout } = raw
  await exclusively(session, 'tscompose stop', () =>
    runPlan(session, observed =>
      planStop(session.project, observed, { services, ...(typeof timeout === 'number' ? { timeout } : {}) }),
    ),
  )
  return EXIT.ok
}
