import type { Effect } from './effect.ts'
import type { Field, Shape, Struct } from './shape.ts'

/** One attribute, at whatever depth, and what it is to a container. */
export interface Attribute {
  /** From the thing that it belongs to; `*` stands for a name of the user's own, an item of a list has no step. */
  readonly path: readonly string[]
  readonly field: Field
  /** Its own, else that of the attribute around it; absent for one that only has parts. */
  readonly effect: Effect | undefined
}

const known = new WeakMap<Struct, readonly Attribute[]>()

/** Every attribute of a thing, each before its parts. */
export function attributesOf(thing: Struct): readonly Attribute[] {
  let attributes = known.get(thing)
  if (attributes === undefined) {
    const found: Attribute[] = []
    collect(thing, [], undefined, found)
    known.set(thing, found)
    attributes = found
  }
  return attributes
}

function collect(
  struct: Struct,
  above: readonly string[],
  around: Effect | undefined,
  found: Attribute[],
): void {
  for (const field of struct.fields) {
    const path = [...above, field.name]
    const effect = field.effect === 'parts' ? undefined : (field.effect ?? around)
    found.push({ path, field, effect })
    const inner = structIn(field.shape, path)
    if (inner !== undefined) collect(inner.struct, inner.path, effect, found)
  }
}

function structIn(
  shape: Shape,
  path: readonly string[],
): { readonly struct: Struct; readonly path: readonly string[] } | undefined {
  if (shape.type === 'struct') return { struct: shape, path }
  if (shape.type === 'list') return structIn(shape.of, path)
  return shape.type === 'record' ? structIn(shape.of, [...path, '*']) : undefined
}
