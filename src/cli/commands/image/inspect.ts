import { inspectImages } from '../../../project/storage/images.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { given, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { openObjectFormat } from '../../views/listing/open-object-format.ts'
import { raiseFailures } from './outcome.ts'

/** `tscompose image inspect`. */
export const command: Command = defineCommand({
  description: 'Shows all that is known of images, as the array that the API has of each.',
  options: {
    format: text('-f, --format <format>', 'json, or a Go template: {{.Config.Env}}'),
    platform: text('--platform <platform>', 'The image for this one, where a name has several'),
  },
  examples: [["tscompose image inspect --format '{{.Config.User}}' web", 'one field']],
  run: async (context, names, { format, platform }) => {
    const render = await openObjectFormat(format)
    const { done, failures } = await inspectImages(targetOf(context), names, given({ platform }))
    context.streams.stdout.write(render(done))
    raiseFailures(failures)
    return EXIT.ok
  },
})
