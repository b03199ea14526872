import type { StoreLease } from '../store/lease.ts'
import { type LoadedContext, loadContext } from './context.ts'
import type { BuildOptions } from './options.ts'
import type { StepTrace } from './step-trace.ts'
import type { WantedPaths } from './wanted-paths.ts'

const NAME_DEFAULT = 'Dockerfile'

/** Loads the context that the options of a build name, which is held until the lease ends. */
export async function contextOf(
  options: BuildOptions,
  lease: StoreLease,
  { trace, wanted }: { readonly trace: StepTrace; readonly wanted: WantedPaths },
): Promise<LoadedContext> {
  const context = await loadContext(
    {
      context: options.context,
      contexts: options.contexts,
      dockerfile: options.dockerfile ?? NAME_DEFAULT,
      dockerfileText: options.dockerfileText,
      dockerfiles: options.dockerfiles,
      trees: options.trees,
      signal: options.signal,
      trace,
      wanted: name => wanted.of(name),
      holding: held => lease.onEnd(() => held.release()),
    },
    lease,
  )
  options.onDockerfile?.({ name: context.file, text: context.dockerfile })
  return context
}
