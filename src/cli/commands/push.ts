import { push } from '../../project/lifecycle.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag } from '../option.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'

/** `tscompose push`. */
export const command: Command = defineCommand({
  description:
    'Pushes the images of services that have both build: and image:, with their further tags. Layers that a registry has are not sent.',
  options: {
    ignorePushFailures: flag('--ignore-push-failures', 'Push what can be pushed, and succeed'),
    includeDeps: flag('--include-deps', 'Push what the services depend on, too'),
    quiet: flag('-q, --quiet', 'No progress of the layers'),
  },
  examples: [['tscompose build && tscompose push', 'publish what the file describes']],
  run: async (context, services, { ignorePushFailures, includeDeps, quiet }) => {
    const keeps = 'registries keep the layers that came whole, and the next push goes on from there'
    await showWork(context, { quietBuild: quiet, whenEmpty: 'No image to push', keeps }, work =>
      push(targetOf(context), {
        ...work,
        services,
        includeDependencies: includeDeps,
        ignoreFailures: ignorePushFailures,
      }),
    )
    return EXIT.ok
  },
})
