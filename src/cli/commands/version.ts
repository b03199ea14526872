import { isStandalone } from '../command.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { choice, flag } from '../option.ts'
import { VERSION } from '../version.ts'

/** Docker Compose's whose commands and flags are taken here: what scripts compare that call `docker-compose`. */
const COMPOSE_VERSION = '5.5.0'

/** `tscompose version`. */
export const command: Command = defineCommand({
  description: 'Shows the version of tscompose.',
  options: {
    format: choice('-f, --format <format>', 'pretty or json', ['pretty', 'json']),
    short: flag('--short', 'The number alone'),
  },
  run: async (context, _args, { format, short }) => {
    const { stdout } = context.streams
    const standalone = isStandalone(context)
    const version = standalone ? COMPOSE_VERSION : VERSION
    const title = standalone
      ? `Docker Compose version v${version} (tscompose ${VERSION})`
      : `tscompose version ${version}`
    if (format === 'json')
      stdout.write(`${JSON.stringify({ version: standalone ? `v${version}` : version })}\n`)
    else stdout.write(short ? `${version}\n` : `${title}\n`)
    return EXIT.ok
  },
})
