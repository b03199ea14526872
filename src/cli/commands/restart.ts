import { planRestart } from '../../planner/index.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, given, number } from '../option.ts'
import { exclusively, runPlan } from '../session.ts'
import { openSessionFromLabels } from '../session-from-labels.ts'

/** `tscompose restart`. */
export const command: Command = defineCommand({
  description: 'Restarts the containers as they are. Changes of the file are not applied: that is up.',
  options: {
    timeout: number('-t, --timeout <seconds>', 'Grace period before the kill, instead of stop_grace_period'),
    noDeps: flag('--no-deps', 'Leave services alone that depend on them with restart: true'),
  },
  run: async (context, services, { timeout, noDeps }) => {
    const session = await openSessionFromLabels(context, services)
    await exclusively(session, 'tscompose restart', () =>
      runPlan(session, observed =>
        planRestart(session.project, observed, { services, noDeps, ...given({ timeout }) }),
      ),
    )
    return EXIT.ok
  },
})
