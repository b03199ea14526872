import { failure } from '../../../diagnostics/index.ts'
import { saveImages } from '../../../project/storage/image-archives.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { watchInterrupts } from '../../interrupt.ts'
import { list, text } from '../../option.ts'
import { targetOf } from '../../target.ts'

/** `tscompose image save`. */
export const command: Command = defineCommand({
  description:
    'Writes images, with all their platforms, as one archive that docker load and image load take: an OCI layout with the manifest.json of Docker.',
  options: {
    output: text('-o, --output <file>', 'Write to this file'),
    platforms: list('--platform <platform>', 'Only the images for this one; may be repeated'),
  },
  examples: [['tscompose image save web db -o stack.tar', 'two images in one file']],
  run: async (context, names, { output, platforms }) => {
    const { stdout } = context.streams
    if (output === undefined && stdout.isTTY)
      throw failure({
        code: 'OUTPUT_TERMINAL',
        kind: 'invalidArgument',
        summary: 'a tar is nothing for a terminal',
        hint: 'name a file with --output, or pass it on: | gzip > web.tar.gz',
      })
    const interrupts = watchInterrupts(context.signals)
    try {
      await saveImages(targetOf(context), names, output ?? stdout, { platforms, signal: interrupts.graceful })
    } finally {
      interrupts.dispose()
    }
    return EXIT.ok
  },
})
