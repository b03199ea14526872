import type { JsonObject } from '../core/json-value.ts'
import type { StoredSpec } from '../observed.ts'
import type { Change } from '../operation.ts'
import { diffSpecs } from './diff.ts'
import { specHash } from './hash.ts'
import { maskSecrets } from './mask.ts'

/** Version of the normalised form; a change of `normalise.ts` that changes old specs' meaning needs a new one. */
export const SPEC_VERSION = 1

/** Label values beyond this help nobody; without the spec only the hash is compared. */
const LONGEST_SPEC = 64 * 1024

/** What a resource is made from, in the three forms that are used; secrets are in none of them. */
export interface Spec {
  readonly hash: string
  readonly value: JsonObject
  /** Text of the label; absent when it would be too long. */
  readonly label: string | undefined
}

/** Hash, masked value and label of a normalised spec. */
export function specOf(normalised: JsonObject): Spec {
  const value = maskSecrets(normalised)
  const label = JSON.stringify({ v: SPEC_VERSION, s: value })
  return { hash: specHash(value), value, label: label.length > LONGEST_SPEC ? undefined : label }
}

/** Reads the label; undefined for what is not one of ours (a label is any text that anybody may have written). */
export function readStoredSpec(label: string | undefined): StoredSpec | undefined {
  if (label === undefined) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(label)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  if (typeof parsed !== 'object' || parsed === null || !('v' in parsed) || !('s' in parsed)) return undefined
  if (typeof parsed.v !== 'number' || typeof parsed.s !== 'object' || parsed.s === null) return undefined
  return { version: parsed.v, value: parsed.s as JsonObject }
}

/**
 * What differs between a resource and what the file wants; empty = nothing. The stored spec is believed before the hash:
 * a release that computes hashes otherwise must not recreate a container that has not changed.
 */
export function compareSpec(hash: string, stored: StoredSpec | undefined, wanted: Spec): readonly Change[] {
  if (hash === wanted.hash) return []
  if (stored !== undefined && stored.version <= SPEC_VERSION) return diffSpecs(stored.value, wanted.value)
  return [{ path: 'config-hash', from: hash.slice(0, 12), to: wanted.hash.slice(0, 12) }]
}
