import { start } from '../../project/lifecycle.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, given, number } from '../option.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'

/** `tscompose start`. */
export const command: Command = defineCommand({
  description:
    'Starts stopped containers in order of depends_on, with its conditions. Changes of the file are not applied: that is up.',
  options: {
    wait: flag('--wait', 'Return when they run and are healthy'),
    waitTimeout: number('--wait-timeout <seconds>', 'Give up waiting after this time'),
  },
  run: async (context, services, { wait, waitTimeout }) => {
    await showWork(context, {}, work =>
      start(targetOf(context), { ...work, services, wait, ...given({ waitTimeout }) }),
    )
    return EXIT.ok
  },
})
