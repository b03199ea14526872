import { restart } from '../../project/lifecycle.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, given, number } from '../option.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'

/** `tscompose restart`. */
export const command: Command = defineCommand({
  description: 'Restarts the containers as they are. Changes of the file are not applied: that is up.',
  options: {
    timeout: number('-t, --timeout <seconds>', 'Grace period before the kill, instead of stop_grace_period'),
    noDeps: flag('--no-deps', 'Leave services alone that depend on them with restart: true'),
  },
  run: async (context, services, { timeout, noDeps }) => {
    await showWork(context, {}, work =>
      restart(targetOf(context), { ...work, services, noDeps, ...given({ timeout }) }),
    )
    return EXIT.ok
  },
})
