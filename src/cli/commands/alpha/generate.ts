import { resolve } from 'node:path'
import { generate } from '../../../project/generate/generate.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { choice, given, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { renderPlainFile } from '../config/render.ts'

/** `tscompose alpha generate`. */
export const command: Command = defineCommand({
  description:
    'Prints a Compose file that makes containers like these, whoever has made them. What their images and the defaults say is left out.',
  options: {
    format: choice('--format <format>', 'yaml or json', ['yaml', 'json']),
    name: text('--name <name>', 'Name of the project in the file'),
    projectDir: text('--project-dir <folder>', 'Paths below it are written relative to it'),
  },
  examples: [
    ['tscompose alpha generate web-old db-old > compose.yaml', 'take over what docker run has started'],
  ],
  run: async (context, containers, { format = 'yaml', name, projectDir }) => {
    const projectDirectory = projectDir === undefined ? undefined : resolve(context.cwd, projectDir)
    const file = await generate(targetOf(context), containers, given({ name, projectDirectory }))
    context.streams.stdout.write(renderPlainFile(file, format))
    return EXIT.ok
  },
})
