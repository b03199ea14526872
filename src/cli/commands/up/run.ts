import { waitReady } from '../../../executor/index.ts'
import { planUp } from '../../../planner/index.ts'
import type { CommandModule } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { watchInterrupts } from '../../interrupt.ts'
import { exclusively, openSession, runPlan, type Session } from '../../session.ts'
import { attachAll } from './attached.ts'
import { readUpOptions, type UpOptions } from './options.ts'

export const run: CommandModule['run'] = async (context, services, raw) => {
  const options = readUpOptions(services, raw, context)
  const session = await openSession(context, { services })
  if (options.detach || options.plan.start === false || context.globals.dryRun) {
    await upDetached(session, options)
    return EXIT.ok
  }
  return attachAll(session, options)
}

async function upDetached(session: Session, options: UpOptions): Promise<void> {
  const interrupts = watchInterrupts()
  try {
    const work = async (): Promise<void> => {
      await runPlan(session, observed => planUp(session.project, observed, options.plan), {
        quietBuild: options.quietBuild,
        signal: interrupts.graceful,
      })
      if (options.wait && !session.context.globals.dryRun)
        await waitReady(session.docker, session.project, {
          services: options.plan.services ?? [],
          signal: interrupts.graceful,
          ...(options.waitTimeout === undefined ? {} : { timeout: options.waitTimeout * 1000 }),
        })
    }
    await exclusively(session, 'tscompose up', work, interrupts.graceful)
  } finally {
    interrupts.dispose()
  }
}
