import { Failure, type Position } from '../diagnostics/index.ts'

/** A template's text, and the name under which its failures speak of it (`--format`). */
export interface TemplateSource {
  readonly name: string
  readonly text: string
  /** Where the template begins in it; default: at its beginning. */
  readonly from?: number
  /** `\t` and `\n` of its text, outside of actions, are a tab and a newline: so a shell user writes them. */
  readonly hasEscapes?: boolean
}

/** A stretch of a template's text: offsets, `to` just after the last character. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** TEMPLATE_SYNTAX: it cannot be read. TEMPLATE_VALUE: it asks of the values something that they have not. */
type Code = 'TEMPLATE_SYNTAX' | 'TEMPLATE_VALUE'

/** The failure of a template at a place in its text. */
export function templateFailure(
  { name, text }: TemplateSource,
  { from, to }: Span,
  code: Code,
  problem: { readonly summary: string; readonly hint?: string | undefined },
): Failure {
  const { summary, hint } = problem
  return new Failure('invalidArgument', [
    {
      severity: 'error',
      code,
      summary,
      ...(hint === undefined ? {} : { hint }),
      range: { file: name, start: positionOf(text, from), end: positionOf(text, to) },
    },
  ])
}

function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}
