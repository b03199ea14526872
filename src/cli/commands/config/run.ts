import type { CommandContext, RawOptions } from '../../command.ts'
import { loadModel, reportDiagnostics } from '../../model.ts'
import { writeOutput } from '../../output-file.ts'
import { lazyCredentials } from '../../remote.ts'
import type { DigestResolver } from './digests.ts'
import { runConfig } from './index.ts'
import { parseConfigOptions } from './options.ts'

/** `tscompose config`: loads the project and prints its model, or the parts that the flags ask for. */
export async function run(
  context: CommandContext,
  args: readonly string[],
  raw: RawOptions,
): Promise<number> {
  const options = parseConfigOptions(raw, context.given, args)
  return runConfig(options, {
    load: ({ services, profiles, load }) => loadModel(context, { services, profiles, load }),
    resolveDigest: digestResolver(),
    report: result => reportDiagnostics(context, result),
    out: text => writeOutput(context, options.output, text),
  })
}

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
