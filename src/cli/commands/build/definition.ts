import type { CommandDefinition } from '../../command.ts'

/** `tscompose build`. */
export const build: CommandDefinition = {
  name: 'build',
  arguments: '[SERVICE...]',
  summary: 'Build images',
  description:
    'Builds the images of services that have build:. Steps whose inputs did not change come from the cache.',
  options: [
    { flags: '--no-cache', help: 'Run every step' },
    { flags: '--pull', help: 'Look for newer base images' },
    { flags: '--build-arg <key=value>', help: 'Set a build argument; may be repeated', value: 'list' },
    { flags: '-q, --quiet', help: 'No output of the steps' },
    { flags: '--with-dependencies', help: 'Build what the services depend on, too' },
    { flags: '--parallel', help: '', hidden: true },
    { flags: '--compress', help: '', hidden: true },
    { flags: '--force-rm', help: '', hidden: true },
    { flags: '--no-rm', help: '', hidden: true },
  ],
  examples: [['tscompose build --no-cache web', 'build web from scratch']],
  load: () => import('./run.ts'),
}
