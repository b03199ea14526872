import { planRestart } from '../../../planner/index.ts'
import type { CommandModule } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { exclusively, runPlan } from '../../session.ts'
import { openSessionFromLabels } from '../../session-from-labels.ts'

export const run: CommandModule['run'] = async (context, services, raw) => {
  const session = await openSessionFromLabels(context)
  const { timeout } = raw
  const options = {
    services,
    noDeps: raw['deps'] === false,
    ...(typeof timeout === 'number' ? { timeout } : {}),
  }
  await exclusively(session, 'tscompose restart', () =>
    runPlan(session, observed => planRestart(session.project, observed, options)),
  )
  return EXIT.ok
}
