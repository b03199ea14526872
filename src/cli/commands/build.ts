import { build } from '../../project/lifecycle.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, hidden, list } from '../option.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'

/** `tscompose build`. */
export const command: Command = defineCommand({
  description:
    'Builds the images of services that have build:. Steps whose inputs did not change come from the cache.',
  options: {
    noCache: flag('--no-cache', 'Run every step'),
    pull: flag('--pull', 'Look for newer base images'),
    buildArgs: list('--build-arg <key=value>', 'Set a build argument; may be repeated'),
    quiet: flag('-q, --quiet', 'No output of the steps'),
    withDependencies: flag('--with-dependencies', 'Build what the services depend on, too'),
    parallel: hidden(flag('--parallel', '')),
    compress: hidden(flag('--compress', '')),
    forceRm: hidden(flag('--force-rm', '')),
    noRm: hidden(flag('--no-rm', '')),
  },
  examples: [['tscompose build --no-cache web', 'build web from scratch']],
  run: async (context, services, { noCache, pull, buildArgs, quiet, withDependencies }) => {
    await showWork(context, { quietBuild: quiet, whenEmpty: 'No service to build' }, work =>
      build(targetOf(context), {
        ...work,
        services,
        withDependencies,
        args: argumentsOf(buildArgs, context.env),
        // What is not asked for here is as the file says.
        ...(noCache ? { noCache } : {}),
        ...(pull ? { pull } : {}),
      }),
    )
    return EXIT.ok
  },
})

/** `KEY` alone takes its value from here. */
function argumentsOf(
  texts: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | null> {
  return Object.fromEntries(
    texts.map(text => {
      const at = text.indexOf('=')
      return at < 0 ? [text, env[text] ?? null] : [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
