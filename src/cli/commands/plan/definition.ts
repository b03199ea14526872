import type { CommandDefinition } from '../../command.ts'

/** `tscompose plan`. */
export const plan: CommandDefinition = {
  name: 'plan',
  arguments: '[SERVICE...]',
  summary: 'Show what up would do, and why',
  description:
    'Compares the file with what runs and prints every operation that up would execute, with its cause. Changes nothing.\n' +
    'The exit status is 0 whether or not there is something to do; with --exit-code it is 2 where there is.',
  options: [
    { flags: '--json', help: 'The plan as JSON' },
    { flags: '--exit-code', help: 'Return 2 when the plan is not empty' },
    { flags: '--build', help: 'As of up --build' },
    { flags: '--pull <policy>', help: 'As of up --pull', choices: ['always', 'missing', 'never', 'build'] },
    { flags: '--force-recreate', help: 'As of up --force-recreate' },
    { flags: '--no-recreate', help: 'As of up --no-recreate' },
    { flags: '--no-deps', help: 'As of up --no-deps' },
    { flags: '--remove-orphans', help: 'As of up --remove-orphans' },
    { flags: '--scale <service=number>', help: 'As of up --scale', value: 'list' },
  ],
  examples: [['tscompose plan', '+ created, ~ changed, - removed, with the fields that differ']],
  load: () => import('./run.ts'),
}
