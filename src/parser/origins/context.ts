import type { Lineage, VariableSource } from '../lineage.ts'
import type { Node } from '../tree/node.ts'
import type { Source, Span } from '../tree/source.ts'

/** What the origins of a project's values are worked out from. */
export interface OriginContext {
  /** Names of the project's own files. */
  readonly files: readonly string[]
  readonly lineage: Lineage
  /** The documents of a file as they are written; none where it is no YAML. */
  readonly documentsOf: (source: Source) => readonly Node[]
  /** The project's variables. */
  readonly environment: VariableSource
  /** COMPOSE_PROJECT_NAME as the environment has it: another name was given on the command line. */
  readonly inheritedName: string | undefined
}

/** A stretch as a key: equal for equal places, whichever pass copied the node. */
export function spanKey({ source, start, end }: Span): string {
  return `${start}-${end} ${source.name}`
}

/** True where the second stretch lies within the first. */
export function encloses(outer: Span | undefined, inner: Span | undefined): boolean {
  if (outer === undefined || inner === undefined || outer.source !== inner.source) return false
  return outer.start <= inner.start && inner.end <= outer.end
}
