import { planStop } from '../../planner/index.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { given, number } from '../option.ts'
import { exclusively, runPlan } from '../session.ts'
import { openSessionFromLabels } from '../session-from-labels.ts'

/** `tscompose stop`. */
export const command: Command = defineCommand({
  description: 'Stops in reverse order of depends_on. `start` brings the same containers back.',
  options: {
    timeout: number('-t, --timeout <seconds>', 'Grace period before the kill, instead of stop_grace_period'),
  },
  examples: [['tscompose stop -t 2 web', 'two seconds to end by itself']],
  run: async (context, services, { timeout }) => {
    const session = await openSessionFromLabels(context, services)
    await exclusively(session, 'tscompose stop', () =>
      runPlan(session, observed => planStop(session.project, observed, { services, ...given({ timeout }) })),
    )
    return EXIT.ok
  },
})
