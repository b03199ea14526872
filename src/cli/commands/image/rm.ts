import { removeImages } from '../../../project/storage/images.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, list } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { deletedLines } from './deleted-lines.ts'
import { raiseFailures } from './outcome.ts'

/** `tscompose image rm`. */
export const command: Command = defineCommand({
  description: 'Takes names away, and images with their last ones.',
  options: {
    force: flag('-f, --force', 'Also with several names, or where a stopped container is made of it'),
    keepParents: flag('--no-prune', 'Keep parents that nobody names'),
    platforms: list('--platform <platform>', 'Only the images for this one; may be repeated'),
  },
  run: async (context, names, { force, keepParents, platforms }) => {
    const { done, failures } = await removeImages(targetOf(context), names, { force, keepParents, platforms })
    context.streams.stdout.write(done.map(items => deletedLines(items, 'Upper')).join(''))
    // What is not there is no failure by force, as with Docker.
    const isDone = force && failures.every(({ kind }) => kind === 'notFound')
    if (!isDone) raiseFailures(failures)
    for (const { message } of failures) context.streams.stderr.write(`${message}\n`)
    return EXIT.ok
  },
})
