import { pause } from '../../project/lifecycle.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'

/** `tscompose pause`. */
export const command: Command = defineCommand({
  description:
    'Freezes all processes of the containers, which keep memory, ports and connections. `unpause` lets them go on.',
  options: {},
  examples: [['tscompose pause db', 'see what the others do while the database hangs']],
  run: async (context, services) => {
    await showWork(context, {}, work => pause(targetOf(context), { ...work, services }))
    return EXIT.ok
  },
})
