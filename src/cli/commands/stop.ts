import { stop } from '../../project/lifecycle.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { given, number } from '../option.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'

/** `tscompose stop`. */
export const command: Command = defineCommand({
  description: 'Stops in reverse order of depends_on. `start` brings the same containers back.',
  options: {
    timeout: number('-t, --timeout <seconds>', 'Grace period before the kill, instead of stop_grace_period'),
  },
  examples: [['tscompose stop -t 2 web', 'two seconds to end by itself']],
  run: async (context, services, { timeout }) => {
    await showWork(context, {}, work => stop(targetOf(context), { ...work, services, ...given({ timeout }) }))
    return EXIT.ok
  },
})
