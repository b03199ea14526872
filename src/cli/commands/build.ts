import { failure } from '../../diagnostics/index.ts'
import { parseBytes } from '../../notation/index.ts'
import type { BuildOverrides } from '../../planner/index.ts'
import { build, printBuild, push } from '../../project/lifecycle.ts'
import type { CommandContext } from '../command.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { choice, flag, given, hidden, list, text } from '../option.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'

const PROGRESS = ['auto', 'tty', 'plain', 'json', 'rawjson', 'quiet'] as const

/** `tscompose build`. */
export const command: Command = defineCommand({
  description:
    'Builds the images of services that have build:. Steps whose inputs did not change come from the cache.',
  options: {
    noCache: flag('--no-cache', 'Run every step'),
    pull: flag('--pull', 'Look for newer base images'),
    buildArgs: list('--build-arg <key=value>', 'Set a build argument; may be repeated'),
    quiet: flag('-q, --quiet', 'No output of the steps'),
    check: flag('--check', 'Check the Dockerfiles and build nothing'),
    print: flag('--print', 'Print what would be built as a file of bake, and build nothing'),
    push: flag('--push', 'Push what was built'),
    ssh: list('--ssh <id=socket>', 'Agents for RUN --mount=type=ssh; may be repeated'),
    provenance: text('--provenance <value>', 'Add a statement of where the image comes from'),
    sbom: text('--sbom <value>', 'Add a list of the packages in the image'),
    platforms: list('--platform <platforms>', 'Platforms to build for, over those of the file'),
    builder: text('--builder <name>', 'The builder; there is one, default'),
    memory: text('-m, --memory <size>', 'Memory of the steps'),
    progress: choice('--progress <type>', 'How progress is shown', PROGRESS),
    withDependencies: flag('--with-dependencies', 'Build what the services depend on, too'),
    parallel: hidden(flag('--parallel', '')),
    compress: hidden(flag('--compress', '')),
    forceRm: hidden(flag('--force-rm', '')),
    noRm: hidden(flag('--no-rm', '')),
  },
  examples: [['tscompose build --no-cache web', 'build web from scratch']],
  conflicts: [
    ['check', 'print'],
    ['check', 'push'],
  ],
  run: async (outer, services, options) => {
    const { noCache, pull, push: pushes, quiet, withDependencies, check, progress } = options
    const context: CommandContext =
      progress === undefined ? outer : { ...outer, globals: { ...outer.globals, progress } }
    const memory = memoryOf(options.memory)
    const request = {
      services,
      withDependencies,
      args: argumentsOf(options.buildArgs, context.env),
      overrides: overridesOf(options),
      // What is not asked for here is as the file says.
      ...(noCache ? { noCache } : {}),
      ...(pull ? { pull } : {}),
      ...(memory === undefined ? {} : { memory }),
      ...(check ? { check } : {}),
    }
    if (options.print) {
      const file = await printBuild(targetOf(context), { ...request, push: pushes })
      context.streams.stdout.write(`${JSON.stringify(file, null, 2)}\n`)
      return EXIT.ok
    }
    const keeps = 'steps that had ended are kept, and the next build goes on from there'
    const onlyBuilds = !quiet && !check
    await showWork(
      context,
      { quietBuild: quiet, onlyBuilds, whenEmpty: 'No service to build', keeps },
      work => build(targetOf(context), { ...work, ...request }),
    )
    if (pushes)
      await showWork(
        context,
        { quietBuild: quiet, whenEmpty: 'No image to push', keeps: 'what was built is kept' },
        work => push(targetOf(context), { ...work, services, includeDependencies: withDependencies }),
      )
    return EXIT.ok
  },
})

/** What these options say over the file. Raises BUILDER_UNKNOWN. */
function overridesOf({ ssh, provenance, sbom, builder, platforms }: Overriding): BuildOverrides {
  if (builder !== undefined && builder !== '' && builder !== 'default')
    throw failure({
      code: 'BUILDER_UNKNOWN',
      kind: 'invalidArgument',
      summary: `there is no builder "${builder}"`,
      hint: 'the engine builds by itself: leave --builder out',
    })
  return {
    ...(ssh.length === 0 ? {} : { ssh }),
    ...(platforms.length === 0
      ? {}
      : { platforms: platforms.flatMap(text => text.split(',')).map(text => text.trim()) }),
    ...given({ provenance, sbom }),
  }
}

interface Overriding {
  readonly ssh: readonly string[]
  readonly platforms: readonly string[]
  readonly provenance: string | undefined
  readonly sbom: string | undefined
  readonly builder: string | undefined
}

/** Raises FLAG_VALUE. */
function memoryOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const bytes = parseBytes(text)
  if (bytes !== undefined && bytes >= 0) return bytes === 0n ? undefined : Number(bytes)
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `--memory: got "${text}", want a size such as 512m`,
  })
}

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
