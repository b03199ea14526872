import { tagImage } from '../../../project/storage/images.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { targetOf } from '../../target.ts'

/** `tscompose image tag`. */
export const command: Command = defineCommand({
  description: 'Gives an image one more name; one that another image has moves here.',
  options: {},
  examples: [['tscompose image tag web registry.example/web:1', 'as it is to be pushed']],
  run: async (context, [name = '', reference = '']) => {
    await tagImage(targetOf(context), name, reference)
    return EXIT.ok
  },
})
