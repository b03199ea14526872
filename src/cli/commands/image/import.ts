import { importImage } from '../../../project/storage/image-archives.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { watchInterrupts } from '../../interrupt.ts'
import { given, list, text } from '../../option.ts'
import { targetOf } from '../../target.ts'

/** `tscompose image import`. */
export const command: Command = defineCommand({
  description:
    'Makes an image of one layer from the tar of a file tree: a file, an address, or - for standard input.',
  options: {
    changes: list('-c, --change <instruction>', 'An instruction of a Dockerfile for it; may be repeated'),
    message: text('-m, --message <message>', 'What it is'),
    platform: text('--platform <platform>', 'What it is made for'),
  },
  examples: [['tscompose export web | tscompose image import - web:flat', 'all layers in one']],
  run: async (context, [source = '-', reference], { changes, message, platform }) => {
    const interrupts = watchInterrupts(context.signals)
    try {
      const from = source === '-' ? context.streams.stdin : source
      const request = { changes, ...given({ reference, message, platform }), signal: interrupts.graceful }
      context.streams.stdout.write(`${await importImage(targetOf(context), from, request)}\n`)
    } finally {
      interrupts.dispose()
    }
    return EXIT.ok
  },
})
