import type { Reporter } from '../reporter.ts'
import type { Entry, MapNode } from '../tree/node.ts'

/** What a check sees: the whole project, the services by their fate, and where to report. */
export interface Consistency {
  readonly project: MapNode
  readonly enabled: ReadonlyMap<string, Entry>
  readonly disabled: ReadonlyMap<string, Entry>
  readonly reporter: Reporter
}
