import { unpause } from '../../project/lifecycle.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'

/** `tscompose unpause`. */
export const command: Command = defineCommand({
  description: 'Lets the processes of paused containers go on.',
  options: {},
  run: async (context, services) => {
    await showWork(context, {}, work => unpause(targetOf(context), { ...work, services }))
    return EXIT.ok
  },
})
