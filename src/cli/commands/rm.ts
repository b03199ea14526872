import { planRemove } from '../../planner/index.ts'
import type { CommandContext } from '../command.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { Interrupted } from '../interrupt.ts'
import { flag, hidden } from '../option.ts'
import { exclusively, runPlan } from '../session.ts'
import { openSessionFromLabels } from '../session-from-labels.ts'
import { confirm } from '../views/confirm.ts'

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
    const session = await openSessionFromLabels(context, services)
    await exclusively(session, 'tscompose rm', () =>
      runPlan(
        session,
        async observed => {
          const plan = planRemove(session.project, observed, { services, stop, volumes })
          const names = plan.operations
            .filter(operation => operation.type === 'removeContainer')
            .map(operation => operation.resource.name)
          if (names.length > 0 && !force) await ask(context, names)
          return plan
        },
        { whenEmpty: 'No stopped containers' },
      ),
    )
    return EXIT.ok
  },
})

/** Anything but yes ends the command with 130. */
async function ask(context: CommandContext, names: readonly string[]): Promise<void> {
  if (!(await confirm(context, `Going to remove ${names.join(', ')}\nAre you sure?`)))
    throw new Interrupted('refused')
}
