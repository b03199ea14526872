import type { Diagnostic } from '../diagnostics/index.ts'
import type { ConnectedProject } from './connected-project.ts'
import { connectEngine } from './engine.ts'
import { isEngineLost, overEngines } from './over-engines.ts'
import { environmentOf, isForeign } from './target.ts'

/** Warnings of what is left to be done, which the next engine does. */
const LEFT_TO_DO = 'CREATED_NOT_STARTED'

/** What the work is told, as far as it is looked at here. */
interface Told {
  readonly onWarning?: (diagnostics: readonly Diagnostic[]) => void
  readonly signal?: AbortSignal
}

/**
 * Brings a project into a state, and begins anew with the next engine where ours has died over it: what was done already is found
 * done. Errors: those of the work, ENGINE_UNREACHABLE where engines keep dying, or at once with an engine of somebody else.
 */
export async function withNextEngine<T, O extends Told>(
  { target }: Pick<ConnectedProject, 'target'>,
  options: O,
  work: (options: O) => Promise<T>,
): Promise<T> {
  const env = environmentOf(target)
  if (isForeign(env)) return await work(options)
  let left: readonly Diagnostic[] = []
  const attempt = (): Promise<T> => {
    left = []
    return work({
      ...options,
      onWarning: diagnostics => {
        left = [...left, ...diagnostics.filter(({ code }) => code === LEFT_TO_DO)]
        const others = diagnostics.filter(({ code }) => code !== LEFT_TO_DO)
        if (others.length > 0) options.onWarning?.(others)
      },
    })
  }
  const isLost = (error: unknown): boolean => isEngineLost(error) && options.signal?.aborted !== true
  try {
    return await overEngines(() => connectEngine(env), attempt, isLost)
  } catch (error) {
    if (left.length > 0) options.onWarning?.(left)
    throw error
  }
}
