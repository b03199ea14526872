import schema from '../../../../schemas/compose.schema.json' with { type: 'json' }
import type { CommandModule } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { writeOutput } from '../../output-file.ts'

/** `tscompose schema`: the schema is data of the program, so neither the parser nor a file is loaded for it. */
export const run: CommandModule['run'] = async (context, _args, { output }) => {
  const text = `${JSON.stringify(schema, null, 2)}\n`
  writeOutput(context, typeof output === 'string' ? output : undefined, text)
  return EXIT.ok
}
