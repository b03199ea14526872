import { pull } from '../../project/lifecycle.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { choice, flag, hidden } from '../option.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'

/** `tscompose pull`. */
export const command: Command = defineCommand({
  description:
    'Fetches the images of services anew, each once. Layers that are here already are not fetched.\n' +
    'An image that the file can build and no registry has is a failure: --ignore-buildable leaves it out.',
  options: {
    ignoreBuildable: flag('--ignore-buildable', 'Leave out images that the file can build'),
    ignorePullFailures: flag('--ignore-pull-failures', 'Pull what can be pulled, and succeed'),
    includeDeps: flag('--include-deps', 'Pull what the services depend on, too'),
    policy: choice('--policy <policy>', 'missing: only what is not here, and what is tagged latest', [
      'missing',
      'always',
    ]),
    quiet: flag('-q, --quiet', 'No progress of the layers'),
    parallel: hidden(flag('--parallel', '')),
    noParallel: hidden(flag('--no-parallel', '')),
  },
  examples: [
    ['tscompose pull && tscompose up -d', 'update to what the registries have now'],
    ['tscompose pull --policy missing', 'fetch what is not here, before the network goes'],
  ],
  run: async (context, services, { ignoreBuildable, ignorePullFailures, includeDeps, policy, quiet }) => {
    const keeps = 'layers that came whole are kept, and the next pull goes on from there'
    await showWork(context, { quietBuild: quiet, whenEmpty: 'No image to pull', keeps }, work =>
      pull(targetOf(context), {
        ...work,
        services,
        includeDependencies: includeDeps,
        ignoreBuildable,
        ignoreFailures: ignorePullFailures,
        ...(policy === undefined ? {} : { policy }),
      }),
    )
    return EXIT.ok
  },
})
