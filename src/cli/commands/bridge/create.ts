import { type Command, defineCommand } from '../../define-command.ts'
import { text } from '../../option.ts'
import { noConversion } from './refusal.ts'

/** `tscompose bridge transformations create`. */
export const command: Command = defineCommand({
  description: 'Is not there yet: without conversions there are no transformations.',
  options: { from: text('-f, --from <image>', 'The transformation that would be copied') },
  run: noConversion,
})
