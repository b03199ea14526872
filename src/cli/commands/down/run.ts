import { planDown } from '../../../planner/index.ts'
import type { CommandModule, RawOptions } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { exclusively, runPlan } from '../../session.ts'
import { openSessionFromLabels } from '../../session-from-labels.ts'

export const run: CommandModule['run'] = async (context, services, raw) => {
  const session = await openSessionFromLabels(context)
  await exclusively(session, 'tscompose down', () =>
    runPlan(session, observed => planDown(session.project, observed, readOptions(services, raw)), {
      whenEmpty: `Nothing to remove for project ${session.project.name}`,
    }),
  )
  return EXIT.ok
}

function readOptions(services: readonly string[], raw: RawOptions): Parameters<typeof planDown>[2] {
  const { rmi, timeout } = raw
  return {
    services,
    volumes: raw['volumes'] === true || raw['volume'] === true,
    removeOrphans: raw['removeOrphans'] === true,
    ...(rmi === 'local' || rmi === 'all' ? { images: rmi } : {}),
    ...(typeof timeout === 'number' ? { timeout } : {}),
  }
}
