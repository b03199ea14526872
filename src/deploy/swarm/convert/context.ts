import type { Path, Project, Service } from '../../../model/index.ts'
import { parseDuration } from '../../../notation/index.ts'
import type { Findings } from './findings.ts'

/** All that the parts of a conversion share. */
export interface Context {
  readonly project: Project
  /** Name of the stack. */
  readonly stack: string
  readonly findings: Findings
  /** Bytes of a file of this machine; undefined for one that is not there or cannot be read. */
  readonly read: (path: string) => Uint8Array | undefined
  /** Whether the manager knows `start_interval`: those before API 1.44 drop it without a word. */
  readonly knowsStartInterval: boolean
}

/** One service on its way. */
export interface Subject {
  readonly context: Context
  readonly name: string
  readonly service: Service
  /** `['services', name]` */
  readonly path: Path
}

/** What may be said of each field by undefined: nothing. */
type Loose<T> = { readonly [K in keyof T]: T[K] | undefined }

/** An object without its undefined fields. */
export function compact<T extends object>(object: NoInfer<Loose<T>>): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}

/** Undefined for a list with nothing in it. */
export function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}

/** Nanoseconds of a canonical duration. */
export function nanoseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text)
}
