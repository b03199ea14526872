import { planKill } from '../../planner/index.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, given, text } from '../option.ts'
import { exclusively, runPlan } from '../session.ts'
import { openSessionFromLabels } from '../session-from-labels.ts'

/** `tscompose kill`. */
export const command: Command = defineCommand({
  description: 'Sends SIGKILL, or another signal, to the first process of each running container.',
  options: {
    signal: text('-s, --signal <signal>', 'Signal to send (default SIGKILL)'),
    removeOrphans: flag('--remove-orphans', 'Remove containers of services that the file no longer has'),
  },
  examples: [['tscompose kill -s SIGHUP web', 'tell web to read its configuration again']],
  run: async (context, services, { signal, removeOrphans }) => {
    const session = await openSessionFromLabels(context, services)
    const options = { services, removeOrphans, ...given({ signal }) }
    await exclusively(session, 'tscompose kill', () =>
      runPlan(session, observed => planKill(session.project, observed, options), {
        whenEmpty: 'No container to kill',
      }),
    )
    return EXIT.ok
  },
})
