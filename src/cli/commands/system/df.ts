import { diskUsage } from '../../../project/storage/disk-usage.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { FORMAT_HELP, openFormat } from '../../views/listing/open-format.ts'
import { openObjectFormat } from '../../views/listing/open-object-format.ts'
import { detailsOf } from './details.ts'
import { USAGE, usageRows } from './usage.ts'

/** `tscompose system df`. */
export const command: Command = defineCommand({
  description:
    'Shows what images, containers, volumes and builds take of the disk, and what of it could be freed.',
  options: {
    format: text('--format <format>', FORMAT_HELP),
    verbose: flag('-v, --verbose', 'Each of them'),
  },
  run: async (context, _args, { format, verbose }) => {
    const isPlain = format === undefined || format === '' || format === 'table'
    const render = await openFormat(USAGE, verbose ? undefined : format)
    const whole = await openObjectFormat(isPlain ? undefined : format)
    const usage = await diskUsage(targetOf(context))
    const details = async (): Promise<string> => (isPlain ? detailsOf(usage, Date.now()) : whole([usage]))
    context.streams.stdout.write(verbose ? await details() : render(usageRows(usage)))
    return EXIT.ok
  },
})
