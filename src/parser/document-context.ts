import type { Lookup, Scope } from './scope.ts'
import type { MapNode } from './tree/node.ts'
import type { Source } from './tree/source.ts'

/** Files that make one model: the project's own, or those of one include. */
export interface ModelInput {
  readonly files: readonly Source[]
  readonly workingDir: string
  readonly lookup: Lookup
  /** The files whose includes led here, outermost first: a file that stands in it already closes a cycle. */
  readonly includedFrom: readonly string[]
  /** Working folder of the model that includes this one; absent for the project's own. */
  readonly includedInto?: string
}

/** What a pass is told about the YAML document that it works on. */
export interface DocumentContext extends ModelInput {
  readonly scope: Scope
  readonly file: Source
  /** What earlier files and documents of the model made. */
  readonly earlier: MapNode | undefined
  /** Loads an included model; given here so that passes need not know the pipeline. */
  readonly loadModel: (input: ModelInput) => MapNode | undefined
  /** Services of a file that `extends` names, in canonical form with absolute paths, which start at `folder`. */
  readonly loadBase: (file: Source, folder: string) => MapNode | undefined
}

/** One pass: a document's tree in, the tree out. */
export interface DocumentPass {
  readonly name: string
  /** What it does, in one line; docs list them. */
  readonly does: string
  readonly run: (node: MapNode, context: DocumentContext) => MapNode
}
