import { type Command, defineCommand } from '../../define-command.ts'
import { choice, flag, list } from '../../option.ts'
import { readLintFlags } from './options.ts'
import { runLint } from './run.ts'

/** `tscompose lint`. */
export const command: Command = defineCommand({
  description:
    'Reads the files as up does and warns of what is valid and most likely wrong, with the place of each. Starts nothing.\n' +
    'x-lint: {ignore: [CODE]} in the file, at the top level or in a service, switches a rule off there.\n' +
    'The exit status is 1 when the file is wrong, 2 when there is something as bad as --fail-on says, 0 otherwise.',
  options: {
    json: flag('--json', 'As --format json'),
    format: choice('--format <format>', 'text, json, github (annotations of a workflow) or sarif', [
      'text',
      'json',
      'github',
      'sarif',
    ]),
    quiet: flag('-q, --quiet', 'Leave notes out'),
    failOn: choice('--fail-on <severity>', 'Return 2 when there is one', ['warning', 'note']),
    strict: flag('--strict', 'As --fail-on warning'),
    ignore: list('--ignore <code>', 'Leave a rule out; repeat for more'),
    all: flag('--all', 'Each finding by itself, with its line of the file'),
    rules: flag('--rules', 'List all rules'),
  },
  examples: [
    ['tscompose lint web', 'the service web alone'],
    ['tscompose lint --strict -q', 'for CI: warnings fail, notes are not shown'],
    ['tscompose lint --rules', 'what is looked for'],
  ],
  run: (context, services, given) => runLint(context, services, readLintFlags(given)),
})
