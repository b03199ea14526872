/** What the table of operations (layout.ts) is written with: the fields of one, their types on the wire. */
import type { Stage } from './program.ts'

/** Type of a field on the wire; the letter is its name in the C table. */
export type FieldType =
  /** u32 below MAX_SLOTS. */
  | 'slot'
  /** u32, 0xffffffff when absent. */
  | 'slot?'
  /** List of slots. */
  | 'slots'
  /** u32; absent takes the table's default. */
  | 'u32'
  /** u64 of a bigint or a number. */
  | 'u64'
  /** u32 0 or 1. */
  | 'bool'
  /** Text without NUL, sent with its NUL; absent is empty. */
  | 'string'
  | 'strings'
  /** Absent is empty. */
  | 'bytes'
  /** List of u32. */
  | 'numbers'
  /** u32 index in the table's list of words. */
  | 'enum'
  /** Mask of MOUNT_ATTR_*. */
  | 'attributes'
  /** Mask of CLONE_NEW*. */
  | 'namespaces'
  /** Text as uid_map and gid_map want it. */
  | 'idRanges'

export interface Field<Name extends PropertyKey = string> {
  readonly name: Name
  readonly type: FieldType
  /** Words of an enum, in order of their numbers. */
  readonly words?: readonly string[]
  /** Number that stands for an absent value. */
  readonly absent?: number
}

export interface OpLayout<Name extends PropertyKey = string> {
  readonly code: number
  readonly stages: readonly Stage[]
  readonly fields: readonly Field<Name>[]
}

/** A numeric id that means "leave as it is". */
export const UNCHANGED = 0xffffffff

/** A field of that name and type; `absent` stands for a value that was left out. */
export const of = <Name extends string>(name: Name, type: FieldType, absent?: number): Field<Name> => ({
  name,
  type,
  ...(absent === undefined ? {} : { absent }),
})

/** A field that is one of the words. */
export const word = <Name extends string>(name: Name, ...words: string[]): Field<Name> => ({
  name,
  type: 'enum',
  words,
})
