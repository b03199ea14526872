import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { choice, flag } from '../option.ts'
import { VERSION } from '../version.ts'

/** `tscompose version`. */
export const command: Command = defineCommand({
  description: 'Shows the version of tscompose.',
  options: {
    format: choice('-f, --format <format>', 'pretty or json', ['pretty', 'json']),
    short: flag('--short', 'The number alone'),
  },
  run: async ({ streams: { stdout } }, _args, { format, short }) => {
    if (format === 'json') stdout.write(`${JSON.stringify({ version: VERSION })}\n`)
    else stdout.write(short ? `${VERSION}\n` : `tscompose version ${VERSION}\n`)
    return EXIT.ok
  },
})
