import { type Command, defineCommand } from '../../define-command.ts'
import { list, text } from '../../option.ts'
import { noConversion } from './refusal.ts'

/** `tscompose bridge convert`. */
export const command: Command = defineCommand({
  description: 'Is not there yet: it will write manifests of Kubernetes, or a Helm chart.',
  options: {
    output: text('-o, --output <folder>', 'Where the manifests would go'),
    transformations: list('-t, --transformation <image>', 'Images that would write them'),
    templates: text('--templates <folder>', 'Templates that they would use'),
  },
  run: noConversion,
})
