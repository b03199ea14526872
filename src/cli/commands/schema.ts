import schema from '../../../schemas/compose.schema.json' with { type: 'json' }
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { text } from '../option.ts'
import { writeOutput } from '../output-file.ts'

/** `tscompose schema`: the schema is data of the program, so neither the parser nor a file is loaded for it. */
export const command: Command = defineCommand({
  description:
    'Prints the JSON Schema (draft 2020-12) that Compose files are checked by, with a description of every attribute,\n' +
    'for editors that complete and explain. No Compose file is read.',
  options: { output: text('-o, --output <file>', 'Write to this file') },
  examples: [
    ['tscompose schema -o compose.schema.json', 'then, in the first line of compose.yaml:'],
    ['', '# yaml-language-server: $schema=./compose.schema.json'],
  ],
  run: async (context, _args, { output }) => {
    writeOutput(context, output, `${JSON.stringify(schema, null, 2)}\n`)
    return EXIT.ok
  },
})
