import type { Effect } from './effect.ts'

/**
 * What an attribute of the canonical model holds, and when it is left out: by default an empty value (blank, 0, false,
 * no items) says the same as no value at all; `keepEmpty` marks those where it does not.
 */
export type Shape =
  /** `oneOf`: all that the schema lets it be, as a type of this name. */
  | { readonly type: 'text'; readonly keepEmpty?: boolean; readonly oneOf?: Words }
  | { readonly type: 'flag'; readonly keepEmpty?: boolean }
  | { readonly type: 'integer'; readonly keepEmpty?: boolean }
  | { readonly type: 'float' }
  /** Number of devices, or `all`, which is -1. */
  | { readonly type: 'count' }
  /** `64m` → `"67108864"`. */
  | { readonly type: 'bytes' }
  /** `90s` → `"1m30s"`. */
  | { readonly type: 'duration'; readonly keepEmpty?: boolean }
  /** File mode in octal text: `"0440"`. */
  | { readonly type: 'mode' }
  /** Permission bits as a number; a text is octal. */
  | { readonly type: 'permissions' }
  /** One text or several, always a list. */
  | { readonly type: 'oneOrMore' }
  /** Words of a command; a string is split as a shell would. `keepNull`: absent it is null. */
  | { readonly type: 'words'; readonly keepNull?: boolean }
  | { readonly type: 'test' }
  | { readonly type: 'hosts' }
  /** Keys to text, written as map or as `KEY=value` list. */
  | { readonly type: 'mapping'; readonly nulls: 'keep' | 'blank' }
  | { readonly type: 'list'; readonly of: Shape }
  | { readonly type: 'record'; readonly of: Shape; readonly keepNull?: boolean }
  | { readonly type: 'ulimit' }
  | Struct

/** The only texts that an attribute may be. */
export interface Words {
  readonly name: string
  readonly about: string
  readonly words: readonly string[]
}

/** An object of known attributes, in the order in which Docker Compose prints them. */
export interface Struct {
  readonly type: 'struct'
  /** The type that is made of it, and what its comment says. */
  readonly name: string
  readonly about: string
  readonly fields: readonly Field[]
}

/** What there is to say of an attribute beside its name and shape. */
export interface Details {
  /** The canonical model always has it. */
  readonly required?: boolean
  /** The comment of its type where the schema's description does not fit the canonical form. */
  readonly note?: string
  /** A list that is a set: its order means nothing to the engine. */
  readonly unordered?: boolean
  /** Its value may stand in labels as it is; what any other attribute holds may be secret (`planner/spec/mask.ts`). */
  readonly open?: boolean
  /** Docker's spelling in JSON where it is another one. */
  readonly jsonName?: string
  /** What JSON prints where the attribute is absent. */
  readonly jsonDefault?: unknown
  /** An empty struct that JSON prints and YAML leaves out. */
  readonly yamlOmitsEmpty?: boolean
  /** An empty struct that the model always has. */
  readonly keepsEmpty?: boolean
  /** What it is to a container; absent: what the attribute around it is. */
  readonly effect?: Effect | 'parts'
}

/** One attribute of a struct. */
export interface Field extends Details {
  readonly name: string
  readonly shape: Shape
}

/** One line of a table. */
export type Row<D = Details | undefined> = readonly [name: string, shape: Shape, details: D]

export const text: Shape = { type: 'text' }
export const flag: Shape = { type: 'flag' }
export const triState: Shape = { type: 'flag', keepEmpty: true }
export const integer: Shape = { type: 'integer' }
export const optionalInteger: Shape = { type: 'integer', keepEmpty: true }
export const float: Shape = { type: 'float' }
export const bytes: Shape = { type: 'bytes' }
export const duration: Shape = { type: 'duration' }
export const optionalDuration: Shape = { type: 'duration', keepEmpty: true }
export const words: Shape = { type: 'words' }
export const texts: Shape = { type: 'list', of: text }
export const strings: Shape = { type: 'mapping', nulls: 'blank' }
export const variables: Shape = { type: 'mapping', nulls: 'keep' }

/** A list of something. */
export function listOf(of: Shape): Shape {
  return { type: 'list', of }
}

/** A map with keys of the user's own. */
export function recordOf(of: Shape, keepNull = false): Shape {
  return { type: 'record', of, ...(keepNull ? { keepNull } : {}) }
}

/** One of these words. */
export function oneOf(name: string, about: string, ...words: readonly string[]): Shape {
  return { type: 'text', oneOf: { name, about, words } }
}

/** What stands in other attributes: who has it says what it is for. */
export function struct(
  name: string,
  about: string,
  ...rows: readonly (Row | readonly [name: string, shape: Shape])[]
): Struct {
  // Made at each start: by index and without a spread it takes half the time.
  const fields = rows.map((row): Field => {
    const field = { name: row[0], shape: row[1] }
    return row[2] === undefined ? field : Object.assign(field, row[2])
  })
  return { type: 'struct', name, about, fields }
}
