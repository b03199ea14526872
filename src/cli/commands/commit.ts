import { commit } from '../../project/copy/commit.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flagOn, given, list, number, text } from '../option.ts'
import { targetOf } from '../target.ts'
import { plainProgressOf, tellDryRun } from '../work.ts'

/** `tscompose commit`. */
export const command: Command = defineCommand({
  description:
    "Makes an image of a service's first container as it is now, with all that it has written; volumes and binds are not in it.",
  options: {
    author: text('-a, --author <author>', 'Who has made it'),
    changes: list('-c, --change <instruction>', 'An instruction of a Dockerfile for it; may be repeated'),
    index: number('--index <number>', 'This container of a service that has several'),
    message: text('-m, --message <message>', 'What it is'),
    pause: flagOn('-p, --pause', 'Freeze the container meanwhile'),
  },
  examples: [[`tscompose commit -c 'CMD ["bash"]' web web:broken`, 'look at what went wrong later']],
  run: async (context, [service = '', reference], { changes, pause, ...options }) => {
    const request = { ...given({ ...options, reference }), changes, pause }
    await commit(targetOf(context), service, { ...request, ...plainProgressOf(context) })
    tellDryRun(context, [`commit ${service} as ${reference ?? 'an image without a name'}`])
    return EXIT.ok
  },
})
