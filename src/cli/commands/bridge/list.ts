import { type Command, defineCommand } from '../../define-command.ts'
import { flag, text } from '../../option.ts'
import { noConversion } from './refusal.ts'

/** `tscompose bridge transformations list`. */
export const command: Command = defineCommand({
  description: 'Is not there yet: without conversions there are no transformations.',
  options: {
    format: text('--format <format>', 'How they would be shown'),
    quiet: flag('-q, --quiet', 'Their names alone'),
  },
  run: noConversion,
})
