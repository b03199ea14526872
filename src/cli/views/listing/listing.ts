import type { TableForm } from './table.ts'

/** One fact of what is listed: the title of its column, and its value. A list has no title. */
export interface Field<T> {
  readonly title?: string
  readonly of: (item: T) => unknown
}

/** What a command lists, as every `--format` can show it. */
export interface Listing<T> {
  /** By the names that templates call them, in the order of JSON. */
  readonly fields: Readonly<Record<string, Field<T>>>
  /** Fields that the table of these items has. */
  readonly columns: readonly string[] | ((items: readonly T[]) => readonly string[])
  /** Fields with an argument, `{{.Label "tier"}}`. */
  readonly methods?: Readonly<Record<string, Method<T>>>
  /** `--format raw`, as a template. */
  readonly raw?: string
  /** `--format json`; absent: one object a line, of all fields. */
  readonly json?: (items: readonly T[]) => string
  readonly form?: TableForm
}

export interface Method<T> {
  readonly title: (argument: string) => string
  readonly of: (item: T, argument: string) => unknown
}

/** Items as text. Errors: TEMPLATE_VALUE. */
export type Render<T> = (items: readonly T[]) => string
