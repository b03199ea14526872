import { renderDiagnostics } from '../../../diagnostics/index.ts'
import type { LoadResult } from '../../../parser/index.ts'
import type { DigestResolver } from '../../../project/image-digests.ts'
import { loadModel } from '../../../project/model.ts'
import { lazyCredentials } from '../../../project/remote.ts'
import type { CommandContext } from '../../command.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { useColor } from '../../global-options.ts'
import { choice, flag, text } from '../../option.ts'
import { writeOutput } from '../../output-file.ts'
import { targetOf } from '../../target.ts'
import { readConfigOptions } from './options.ts'
import { runConfig } from './show.ts'

/** `tscompose config`: loads the project and prints its model, or the parts that the flags ask for. */
export const command: Command = defineCommand({
  description:
    'Reads, merges and checks the files as up does and prints the canonical model, or lists parts of it.',
  options: {
    quiet: flag('-q, --quiet', 'Check only, print nothing'),
    format: choice('--format <format>', 'yaml or json', ['yaml', 'json']),
    output: text('-o, --output <file>', 'Write to this file'),
    services: flag('--services', 'Names of the services'),
    volumes: flag('--volumes', 'Names of the volumes'),
    networks: flag('--networks', 'Names of the networks'),
    models: flag('--models', 'Names of the models'),
    profiles: flag('--profiles', 'Names of the profiles'),
    images: flag('--images', 'Names of the images'),
    hash: text('--hash <services>', "Hash of each service's configuration, * for all"),
    variables: flag('--variables', 'Variables that the files use, with their defaults'),
    environment: flag('--environment', 'The environment that variables are taken from'),
    noInterpolate: flag('--no-interpolate', 'Leave variables as written'),
    noNormalize: flag('--no-normalize', 'Leave defaults out'),
    noPathResolution: flag('--no-path-resolution', 'Leave paths relative'),
    noConsistency: flag('--no-consistency', 'Do not check references between parts'),
    noEnvResolution: flag('--no-env-resolution', 'Do not read env_file'),
    resolveImageDigests: flag('--resolve-image-digests', 'Pin image tags to digests'),
    lockImageDigests: flag('--lock-image-digests', 'Print an override file that pins image digests'),
  },
  examples: [
    ['tscompose config -q', 'is the file right? every problem with its place'],
    ['tscompose config --format json | jq .services.web', 'one service as it will be run'],
  ],
  run: (context, services, flags) => {
    const options = readConfigOptions(flags, services)
    return runConfig(options, {
      load: request => loadModel(targetOf(context), request),
      resolveDigest: digestResolver(),
      report: result => reportDiagnostics(context, result),
      out: content => writeOutput(context, options.output, content),
    })
  },
})

/** Asks registries as `docker login` has left it; the client is loaded at the first question. */
function digestResolver(): DigestResolver {
  const loading = lazily(async () => {
    const { RegistryClient } = await import('../../../image/registry/index.ts')
    return new RegistryClient({ credentials: lazyCredentials })
  })
  return async reference => (await loading()).resolve(reference)
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Prints what the loader found, with the lines of the files. */
function reportDiagnostics(context: CommandContext, result: LoadResult): void {
  if (result.diagnostics.length === 0) return
  const color = useColor(context.globals, context.streams.stderr, context.env)
  const sourceOf = (file: string): string | undefined => result.sources.get(file)
  context.streams.stderr.write(`${renderDiagnostics(result.diagnostics, { color, sourceOf })}\n`)
}
