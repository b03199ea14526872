import type { CommandContext, RawOptions } from '../../command.ts'
import { loadModel, reportDiagnostics } from '../../model.ts'
import { writeOutput } from '../../output-file.ts'
import { runConfig } from './index.ts'
import { parseConfigOptions } from './options.ts'

/** `tscompose config`: loads the project and prints its model, or the parts that the flags ask for. */
export async function run(
  context: CommandContext,
  args: readonly string[],
  raw: RawOptions,
): Promise<number> {
  const options = parseConfigOptions(raw, context.given, args)
  return runConfig(options, {
    load: (services, load) => loadModel(context, { services, load }),
    report: result => reportDiagnostics(context, result),
    out: text => writeOutput(context, options.output, text),
  })
}
