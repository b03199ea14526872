import { observe } from '../../../executor/index.ts'
import { planToJson, planUp, renderPlan } from '../../../planner/index.ts'
import type { CommandModule } from '../../command.ts'
import { useColor } from '../../global-options.ts'
import { openSession } from '../../session.ts'
import { readUpOptions } from '../up/options.ts'

/** Exit status of `--exit-code` when there is something to do. */
const SOMETHING_TO_DO = 2

export const run: CommandModule['run'] = async (context, services, raw) => {
  const { plan: planOptions } = readUpOptions(services, raw, context)
  const session = await openSession(context, { services })
  const plan = planUp(session.project, await observe(session.docker, session.project), planOptions)
  const { stdout } = context.streams
  if (raw['json'] === true) stdout.write(`${JSON.stringify(planToJson(plan), null, 2)}\n`)
  else if (plan.operations.length === 0) stdout.write('Nothing to do: what runs is what the file describes\n')
  else stdout.write(renderPlan(plan, { color: useColor(context.globals, stdout, context.env) }))
  return raw['exitCode'] === true && plan.operations.length > 0 ? SOMETHING_TO_DO : 0
}
