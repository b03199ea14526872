import { type Diagnostic, Failure } from '../../diagnostics/index.ts'

/**
 * A refusal as Docker answers it, with 404: at 401 its client asks for a login, without a terminal, too, and waits for ever.
 * `summary`: Docker's own sentence, which people search for; ours goes into the detail. Other errors stay as they are.
 */
export function unprompted(error: unknown, summary?: string): unknown {
  if (!(error instanceof Failure) || error.kind !== 'unauthorized') return error
  const [first, ...others] = error.diagnostics
  if (first === undefined || summary === undefined) return new Failure('notFound', error.diagnostics, error)
  const told: Diagnostic = { ...first, summary, detail: first.detail ?? first.summary }
  return new Failure('notFound', [told, ...others], error)
}
