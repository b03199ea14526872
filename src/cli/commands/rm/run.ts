import { planRemove } from '../../../planner/index.ts'
import type { CommandContext, CommandModule } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { Interrupted } from '../../interrupt.ts'
import { exclusively, runPlan } from '../../session.ts'
import { openSessionFromLabels } from '../../session-from-labels.ts'
import { confirm } from '../../views/confirm.ts'

export const run: CommandModule['run'] = async (context, services, raw) => {
  const session = await openSessionFromLabels(context)
  const options = { services, stop: raw['stop'] === true, volumes: raw['volumes'] === true }
  await exclusively(session, 'tscompose rm', () =>
    runPlan(
      session,
      async observed => {
        const plan = planRemove(session.project, observed, options)
        const names = plan.operations
          .filter(operation => operation.type === 'removeContainer')
          .map(operation => operation.resource.name)
        if (names.length > 0 && raw['force'] !== true) await ask(context, names)
        return plan
      },
      { whenEmpty: 'No stopped containers' },
    ),
  )
  return EXIT.ok
}

/** Anything but yes ends the command with 130. */
async function ask(context: CommandContext, names: readonly string[]): Promise<void> {
  if (!(await confirm(context, `Going to remove ${names.join(', ')}\nAre you sure?`)))
    throw new Interrupted('refused')
}
