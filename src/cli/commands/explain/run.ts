import type { CommandModule } from '../../command.ts'
import { useColor } from '../../global-options.ts'
import { openModel } from '../../model.ts'
import { explainTarget } from './explanation.ts'
import { explanationToJson } from './json.ts'
import { readExplainOptions } from './options.ts'
import { findTarget } from './target.ts'
import { renderExplanation } from './view.ts'

/** `tscompose explain`: loads the project and says where the values come from. */
export const run: CommandModule['run'] = async (context, args, raw) => {
  const options = readExplainOptions(args, raw)
  // What no service uses has origins, too.
  const project = await openModel(context, { load: { allResources: true } })
  const explanation = explainTarget(findTarget(options.target, project), project)
  const { stdout } = context.streams
  stdout.write(
    options.json
      ? `${JSON.stringify(explanationToJson(explanation), null, 2)}\n`
      : renderExplanation(explanation, {
          color: useColor(context.globals, stdout, context.env),
          columns: stdout.isTTY ? (stdout.columns ?? 80) : undefined,
          cwd: context.cwd,
        }),
  )
  return 0
}
