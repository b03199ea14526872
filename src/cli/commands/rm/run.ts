import { createInterface } from 'node:readline/promises'
import { planRemove } from '../../../planner/index.ts'
import type { CommandContext, CommandModule } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { Interrupted } from '../../interrupt.ts'
import { exclusively, runPlan } from '../../session.ts'
import { openSessionFromLabels } from '../../session-from-labels.ts'

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
        if (names.length > 0 && raw['force'] !== true)
          await confirm(context, `Going to remove ${names.join(', ')}`)
        return plan
      },
      { whenEmpty: 'No stopped containers' },
    ),
  )
  return EXIT.ok
}

/** Asks on standard input; anything but yes ends the command with 130. */
async function confirm(context: CommandContext, question: string): Promise<void> {
  const { stdin, stderr } = context.streams
  const lines = createInterface({ input: stdin, output: stderr })
  const answer = await lines.question(`${question}\nAre you sure? [yN] `)
  lines.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw new Interrupted('refused')
}
