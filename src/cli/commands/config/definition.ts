import type { CommandDefinition } from '../../command.ts'

/** `tscompose config`. */
export const config: CommandDefinition = {
  name: 'config',
  arguments: '[SERVICE...]',
  summary: 'Check the file and show the whole model',
  description:
    'Reads, merges and checks the files as up does and prints the canonical model, or lists parts of it.',
  options: [
    { flags: '-q, --quiet', help: 'Check only, print nothing' },
    { flags: '--format <format>', help: 'yaml or json', choices: ['yaml', 'json'] },
    { flags: '-o, --output <file>', help: 'Write to this file' },
    { flags: '--services', help: 'Names of the services' },
    { flags: '--volumes', help: 'Names of the volumes' },
    { flags: '--networks', help: 'Names of the networks' },
    { flags: '--models', help: 'Names of the models' },
    { flags: '--profiles', help: 'Names of the profiles' },
    { flags: '--images', help: 'Names of the images' },
    { flags: '--hash <services>', help: "Hash of each service's configuration, * for all" },
    { flags: '--variables', help: 'Variables that the files use, with their defaults' },
    { flags: '--environment', help: 'The environment that variables are taken from' },
    { flags: '--no-interpolate', help: 'Leave variables as written' },
    { flags: '--no-normalize', help: 'Leave defaults out' },
    { flags: '--no-path-resolution', help: 'Leave paths relative' },
    { flags: '--no-consistency', help: 'Do not check references between parts' },
    { flags: '--no-env-resolution', help: 'Do not read env_file' },
    { flags: '--resolve-image-digests', help: 'Pin image tags to digests' },
    { flags: '--lock-image-digests', help: 'Print an override file that pins image digests' },
  ],
  examples: [
    ['tscompose config -q', 'is the file right? every problem with its place'],
    ['tscompose config --format json | jq .services.web', 'one service as it will be run'],
  ],
  load: () => import('./run.ts'),
}
