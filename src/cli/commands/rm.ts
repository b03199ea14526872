import { Interrupted } from '../../project/failures.ts'
import { remove } from '../../project/lifecycle.ts'
import type { CommandContext } from '../command.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, hidden } from '../option.ts'
import { targetOf } from '../target.ts'
import { confirm } from '../views/confirm.ts'
import { showWork } from '../work.ts'

/** `tscompose rm`. */
export const command: Command = defineCommand({
  description: 'Removes stopped containers. Named volumes stay; -v removes the anonymous ones.',
  options: {
    force: flag('-f, --force', 'Do not ask'),
    stop: flag('-s, --stop', 'Stop running ones first'),
    volumes: flag('-v, --volumes', 'Remove anonymous volumes, too'),
    all: hidden(flag('-a, --all', '')),
  },
  examples: [['tscompose rm -fs worker', 'stop and remove worker without a question']],
  run: async (context, services, { force, stop, volumes }) => {
    await showWork(context, { whenEmpty: 'No stopped containers' }, work =>
      remove(targetOf(context), {
        ...work,
        services,
        stop,
        volumes,
        approve: names => (force ? tell(context, names) : ask(context, names)),
      }),
    )
    return EXIT.ok
  },
})

/** Scripts read it, as Docker Compose says it too when it does not ask. */
async function tell({ streams, globals }: CommandContext, names: readonly string[]): Promise<void> {
  if (!globals.dryRun) streams.stdout.write(`Going to remove ${names.join(', ')}\n`)
}

/** Anything but yes ends the command with 130. */
async function ask(context: CommandContext, names: readonly string[]): Promise<void> {
  if (!(await confirm(context, `Going to remove ${names.join(', ')}\nAre you sure?`)))
    throw new Interrupted('refused')
}
