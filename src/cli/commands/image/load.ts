import { failure } from '../../../diagnostics/index.ts'
import { loadImages } from '../../../project/storage/image-archives.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { watchInterrupts } from '../../interrupt.ts'
import { flag, hidden, list, text } from '../../option.ts'
import { targetOf } from '../../target.ts'

/** `tscompose image load`. */
export const command: Command = defineCommand({
  description: 'Loads the images of an archive that docker save or image save wrote, or of an OCI layout.',
  options: {
    input: text('-i, --input <file>', 'Read this file'),
    platforms: list('--platform <platform>', 'Only the images for this one; may be repeated'),
    // What passes by is not told in any case.
    quiet: hidden(flag('-q, --quiet', '')),
  },
  examples: [['tscompose image load < stack.tar.gz', 'packed or not']],
  run: async (context, _args, { input, platforms }) => {
    const { stdin, stdout } = context.streams
    if (input === undefined && stdin.isTTY)
      throw failure({
        code: 'INPUT_TERMINAL',
        kind: 'invalidArgument',
        summary: 'an archive does not come from a terminal',
        hint: 'name a file with --input, or pass it in: < web.tar',
      })
    const interrupts = watchInterrupts(context.signals)
    try {
      await loadImages(targetOf(context), input ?? stdin, {
        platforms,
        signal: interrupts.graceful,
        onMessage: ({ stream = '' }) => stdout.write(stream),
      })
    } finally {
      interrupts.dispose()
    }
    return EXIT.ok
  },
})
