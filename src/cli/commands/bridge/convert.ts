import { type Command, defineCommand } from '../../define-command.ts'
import { given, list, text } from '../../option.ts'
import { command as convert } from '../kubernetes/convert.ts'
import { noConversion } from './refusal.ts'

/** `tscompose bridge convert`. */
export const command: Command = defineCommand({
  description:
    'Writes manifests of Kubernetes, as convert kubernetes does, which has more options. There are no transformations by images.',
  options: {
    output: text('-o, --output <folder>', 'Where the manifests go (default out)'),
    transformations: list('-t, --transformation <image>', 'Images that would write them'),
    templates: text('--templates <folder>', 'Templates that they would use'),
  },
  run: (context, args, { output, transformations, templates }) =>
    transformations.length > 0 || templates !== undefined
      ? noConversion()
      : convert.run(context, args, given({ output })),
})
