/**
 * What an attribute of the canonical model holds, and when it is left out: by default an empty value (blank, 0, false,
 * no items) says the same as no value at all; `keepEmpty` marks those where it does not.
 */
export type Shape =
  | { readonly type: 'text'; readonly keepEmpty?: boolean }
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
  /** Words of a command; a string is split as a shell would; null is kept. */
  | { readonly type: 'words'; readonly keepNull?: boolean }
  | { readonly type: 'test' }
  | { readonly type: 'hosts' }
  /** Keys to text, written as map or as `KEY=value` list. */
  | { readonly type: 'mapping'; readonly nulls: 'keep' | 'blank' }
  | { readonly type: 'list'; readonly of: Shape }
  | { readonly type: 'record'; readonly of: Shape; readonly keepNull?: boolean }
  | { readonly type: 'ulimit' }
  | { readonly type: 'any' }
  | Struct

/** An object of known attributes, in the order in which Docker Compose prints them. */
export interface Struct {
  readonly type: 'struct'
  readonly fields: readonly Field[]
}

/** One attribute of a struct. */
export interface Field {
  readonly name: string
  readonly shape: Shape
  /** Docker's spelling in JSON where it is another one. */
  readonly jsonName?: string
  /** What JSON prints where the attribute is absent. */
  readonly jsonDefault?: unknown
  /** An empty struct that JSON prints and YAML leaves out. */
  readonly yamlOmitsEmpty?: boolean
  /** An empty struct that the model always has. */
  readonly keepsEmpty?: boolean
}

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

/** A struct from its fields; a pair is short for a field without specialities. */
export function struct(...fields: readonly (Field | readonly [string, Shape])[]): Struct {
  return {
    type: 'struct',
    fields: fields.map(field => ('name' in field ? field : { name: field[0], shape: field[1] })),
  }
}
