import type { CommandModule } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { VERSION } from '../../version.ts'

export const run: CommandModule['run'] = async (context, _args, options) => {
  const { stdout } = context.streams
  if (options['format'] === 'json') stdout.write(`${JSON.stringify({ version: VERSION })}\n`)
  else stdout.write(options['short'] ? `${VERSION}\n` : `tscompose version ${VERSION}\n`)
  return EXIT.ok
}
