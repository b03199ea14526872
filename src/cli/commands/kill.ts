import { kill } from '../../project/lifecycle.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, given, text } from '../option.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'

/** `tscompose kill`. */
export const command: Command = defineCommand({
  description: 'Sends SIGKILL, or another signal, to the first process of each running container.',
  options: {
    signal: text('-s, --signal <signal>', 'Signal to send (default SIGKILL)'),
    removeOrphans: flag('--remove-orphans', 'Remove containers of services that the file no longer has'),
  },
  examples: [['tscompose kill -s SIGHUP web', 'tell web to read its configuration again']],
  run: async (context, services, { signal: posixSignal, removeOrphans }) => {
    await showWork(context, { whenEmpty: 'No container to kill' }, work =>
      kill(targetOf(context), { ...work, services, removeOrphans, ...given({ posixSignal }) }),
    )
    return EXIT.ok
  },
})
