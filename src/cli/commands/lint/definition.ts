import type { CommandDefinition } from '../../command.ts'

/** `tscompose lint`. */
export const lint: CommandDefinition = {
  name: 'lint',
  arguments: '[SERVICE...]',
  summary: 'Warn of what bites later',
  description:
    'Reads the files as up does and warns of what is valid and most likely wrong, with the place of each. Starts nothing.\n' +
    'x-lint: {ignore: [CODE]} in the file, at the top level or in a service, switches a rule off there.\n' +
    'The exit status is 1 when the file is wrong, 2 when there is something as bad as --fail-on says, 0 otherwise.',
  options: [
    { flags: '--json', help: 'As --format json' },
    {
      flags: '--format <format>',
      help: 'text, json, github (annotations of a workflow) or sarif',
      choices: ['text', 'json', 'github', 'sarif'],
    },
    { flags: '-q, --quiet', help: 'Leave notes out' },
    { flags: '--fail-on <severity>', help: 'Return 2 when there is one', choices: ['warning', 'note'] },
    { flags: '--strict', help: 'As --fail-on warning' },
    { flags: '--ignore <code>', help: 'Leave a rule out; repeat for more', value: 'list' },
    { flags: '--rules', help: 'List all rules' },
  ],
  examples: [
    ['tscompose lint web', 'the service web alone'],
    ['tscompose lint --strict -q', 'for CI: warnings fail, notes are not shown'],
    ['tscompose lint --rules', 'what is looked for'],
  ],
  load: () => import('./run.ts'),
}
