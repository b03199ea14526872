import type { LoadOptions } from './contract.ts'
import type { Lineage } from './lineage.ts'
import type { Remotes } from './remote/remotes.ts'
import type { Reporter } from './reporter.ts'
import type { Node } from './tree/node.ts'
import type { Source } from './tree/source.ts'

/** What the passes share while one project is loaded. */
export interface Scope {
  readonly reporter: Reporter
  readonly options: LoadOptions
  /** Text of a file by absolute path, read once. */
  readonly read: (path: string) => Source | undefined
  /** What only the origins of values need. */
  readonly lineage: Lineage
  /** Files that are not on this machine. */
  readonly remotes: Remotes
  /** The documents of a file, parsed once. */
  readonly parse: (file: Source) => readonly Node[]
  /** The documents of a file that was parsed; none of any other file. */
  readonly documentsOf: (file: Source) => readonly Node[]
  /** The home folder for `~`, where the environment names one. */
  readonly home: string | undefined
}

/** A variable's value; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined

/** Looks names up in a record without touching what objects inherit. */
export function lookupIn(env: Readonly<Record<string, string>>): Lookup {
  return name => (Object.hasOwn(env, name) ? env[name] : undefined)
}
