import type { ContainerConfig, HostConfig } from '../../api/types/index.ts'
import type { Machine } from '../runtime/index.ts'
import type { Problems } from './problems.ts'

/** What `create` was given, an image's defaults included: the two halves of the wire side by side, whose names differ. */
export type Given = ContainerConfig & HostConfig

/** A field of `ContainerConfig` or of `HostConfig`. */
export type Field = keyof Given

/**
 * One thing that a container is told, in the engine's own words. A field belongs to the one term that lists it, and no
 * term sees a field that it has not listed: so a new field goes somewhere, or the table of terms does not compile.
 */
export interface Term<Own extends Field, Value, Beside extends Field = never> {
  /** The fields that this term stands for. */
  readonly fields: Readonly<Record<Own, true>>
  /** Where a request says it, for refusals that name no field themselves. */
  readonly path: string
  /** What the fields mean. Throws a `Failure` for what means nothing. */
  readonly read: (given: Pick<Given, Own>) => Value
  /** What cannot be had although it means something: told by `create` and `update` alone, all at once. Looks at fields of other terms too. */
  readonly check?: (given: Pick<Given, Own | Beside>, problems: Problems, machine: Machine) => void
}
