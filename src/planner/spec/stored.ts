import type { JsonObject, JsonValue } from '../core/json-value.ts'

import type { Change } from '../core/operation.ts'
import { diffSpecs } from './diff.ts'
import { specHash } from './hash.ts'
import { isMasked, LITERAL, type MaskedSpec, markOf, maskSpec } from './mask.ts'
import { equalised } from './normalise.ts'

/** A normalised resource as a label keeps it (`com.tscompose.spec`), with the version of its form. */
export interface StoredSpec {
  readonly version: number
  readonly value: Readonly<Record<string, JsonValue>>
}

/** Version of the normalised form; a change of `normalise.ts` that changes old specs' meaning needs a new one. */
export const SPEC_VERSION = 2

/** Label values beyond this help nobody; without the spec only the hash is compared. */
const LONGEST_SPEC = 64 * 1024

/** What a resource is made from, and what may be secret, which is in neither hash nor value. */
export interface Spec extends MaskedSpec {
  readonly hash: string
}

/** Hash and masked value of a normalised service or volume. */
export function specOf(normalised: JsonObject): Spec {
  return formsOf(maskSpec(normalised))
}

/** As `specOf`, of a network, of which all stands in clear. */
export function openSpec(normalised: JsonObject): Spec {
  return formsOf({ value: normalised, hidden: {} })
}

function formsOf({ value, hidden }: MaskedSpec): Spec {
  return { hash: specHash(value), value, hidden }
}

/** Text of the label, which tells these variables to be literal; undefined when it would be too long. */
export function specLabel({ value }: Spec, literals: readonly string[] = []): string | undefined {
  const { environment } = value
  const marked =
    literals.length === 0
      ? value
      : { ...value, environment: { ...(environment as JsonObject), ...marks(literals) } }
  const label = JSON.stringify({ v: SPEC_VERSION, s: marked })
  return label.length > LONGEST_SPEC ? undefined : label
}

function marks(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map(name => [name, LITERAL]))
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
  if (stored?.version === 1) return compareUnmasked(equalised(stored.value), wanted)
  if (stored !== undefined && stored.version <= SPEC_VERSION)
    return diffSpecs(equalised(stored.value), wanted.value)
  return [{ path: 'config-hash', from: hash.slice(0, 12), to: wanted.hash.slice(0, 12) }]
}

/** With the first form, which hid likely secrets alone: it must neither show the others nor make all containers anew. */
function compareUnmasked(stored: JsonObject, wanted: Spec): Change[] {
  if (Object.keys(wanted.hidden).length === 0) return diffSpecs(stored, wanted.value)
  const { value, hidden } = maskSpec(stored)
  const changed = Object.keys(hidden).filter(path => {
    const [from, to] = [hidden[path], wanted.hidden[path]]
    return !isMasked(from) && to !== undefined && from !== to
  })
  const marked = changed.map(path => ({ path, from: markOf(path), to: markOf(path) }))
  return [...diffSpecs(value, wanted.value), ...marked]
}
