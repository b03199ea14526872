import type { Span } from './failure.ts'

/** A piece of a template, as it is executed. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | Branch
  | { readonly kind: 'break' | 'continue' }
  | { readonly kind: 'template'; readonly name: string; readonly span: Span; readonly pipeline?: Pipeline }

/** `if`, `with` and `range`: a body for what is there, another for what is not. */
export interface Branch {
  readonly kind: 'if' | 'with' | 'range'
  readonly pipeline: Pipeline
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[]
}

/** `$x := a | b`: each command's value is the last argument of the next. */
export interface Pipeline {
  /** Variables that its value is put into, two at most, without the dollar sign. */
  readonly variables: readonly string[]
  /** `=` in place of `:=`: they are there already. */
  readonly isAssignment: boolean
  readonly commands: readonly Command[]
  readonly span: Span
}

/** A function or field with its arguments, or a single value. */
export interface Command {
  readonly operands: readonly Operand[]
  readonly span: Span
}

/** One name of `.Config.Labels`. */
export interface FieldName {
  readonly name: string
  readonly span: Span
}

export type Operand = { readonly span: Span } & (
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'nil' }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'dot'; readonly fields: readonly FieldName[] }
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly FieldName[] }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline; readonly fields: readonly FieldName[] }
)
