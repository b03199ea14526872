import type { ClientFolder, HeldContext } from '../contexts/index.ts'
import type { TreeOperations } from '../layer/trees.ts'
import type { BuildContext, FurtherContext } from './options.ts'
import type { StepTrace } from './step-trace.ts'

/** What a context is loaded from. */
export interface ContextRequest {
  readonly context: BuildContext
  readonly dockerfiles?: ClientFolder | undefined
  readonly contexts: Readonly<Record<string, FurtherContext>> | undefined
  readonly dockerfile: string
  readonly dockerfileText: string | undefined
  readonly trees: TreeOperations
  readonly signal: AbortSignal | undefined
  readonly trace: StepTrace
  /** Paths that are taken of the context, or of a further one by its name; undefined: all. Asked when its files are. */
  readonly wanted: (name: string | undefined) => Promise<readonly string[] | undefined>
  /** Told of what is to be released at the end of the build. */
  readonly holding: (held: Pick<HeldContext, 'release'>) => void
}
