import type { CommandDefinition } from '../../command.ts'

/** `tscompose up`. */
export const up: CommandDefinition = {
  name: 'up',
  arguments: '[SERVICE...]',
  summary: 'Create and start what the file describes',
  description:
    'Compares the file with what runs and changes only what differs: networks, volumes, images and containers.\n' +
    'Without -d it stays and shows the logs; the first Ctrl-C stops the containers, the second kills them.',
  options: [
    { flags: '-d, --detach', help: 'Return when the containers are started' },
    { flags: '--wait', help: 'Return when they run and are healthy (implies -d)' },
    { flags: '--wait-timeout <seconds>', help: 'Give up waiting after this time', value: 'number' },
    { flags: '--build', help: 'Build images before starting' },
    { flags: '--no-build', help: 'Never build; fail where an image is missing' },
    {
      flags: '--pull <policy>',
      help: 'Before starting, pull images',
      choices: ['always', 'missing', 'never', 'build'],
    },
    { flags: '--force-recreate', help: 'Recreate containers even if nothing differs' },
    { flags: '--no-recreate', help: 'Leave existing containers as they are' },
    { flags: '--always-recreate-deps', help: 'Recreate dependencies, too' },
    { flags: '--no-deps', help: 'Leave the services they depend on alone' },
    { flags: '--no-start', help: 'Create and do not start' },
    { flags: '--remove-orphans', help: 'Remove containers of services that the file no longer has' },
    { flags: '--scale <service=number>', help: 'Run this many containers of a service', value: 'list' },
    {
      flags: '-V, --renew-anon-volumes',
      help: 'Fresh anonymous volumes instead of those of the old container',
    },
    { flags: '--abort-on-container-exit', help: 'Stop all when one container stops' },
    { flags: '--abort-on-container-failure', help: 'Stop all when one container fails' },
    {
      flags: '--exit-code-from <service>',
      help: "Return this service's exit status (implies --abort-on-container-exit)",
    },
    {
      flags: '--attach <service>',
      help: 'Show the logs of this service alone; may be repeated',
      value: 'list',
    },
    { flags: '--no-attach <service>', help: 'Hide the logs of this service; may be repeated', value: 'list' },
    { flags: '--attach-dependencies', help: 'Show the logs of dependencies, too' },
    {
      flags: '-t, --timeout <seconds>',
      help: 'Grace period of a stop, instead of stop_grace_period',
      value: 'number',
    },
    { flags: '--timestamps', help: 'Show when each line was written' },
    { flags: '--no-color', help: 'Log prefixes without colour' },
    { flags: '--no-log-prefix', help: 'Log lines without the name in front' },
    { flags: '--quiet-pull', help: 'No progress of pulls' },
    { flags: '--quiet-build', help: 'No output of builds' },
    { flags: '-y, --yes', help: 'Answer yes to every question' },
    { flags: '--y', help: '', hidden: true },
    { flags: '--menu', help: '', hidden: true },
  ],
  examples: [
    ['tscompose up -d --wait', 'everything up and healthy, then return'],
    ['tscompose up --build web', 'rebuild web, start it and what it depends on'],
    ['tscompose up --scale worker=3', 'three containers of worker'],
  ],
  load: () => import('./run.ts'),
}
