import type { Diagnostic } from './diagnostic.ts'
import { Failure, failure, messageOf } from './error.ts'

/**
 * Runs every step of a teardown, one after another, whatever fails, and then throws one Failure with all that went
 * wrong: a teardown that stops at its first error leaves the most behind.
 */
export async function collectErrors(
  what: string,
  steps: readonly (() => Promise<unknown> | unknown)[],
): Promise<void> {
  const errors: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(what, errors)
}

/** As `collectErrors`, for steps that do not depend on each other: all run at once. */
export async function collectErrorsTogether(
  what: string,
  steps: readonly (() => Promise<unknown> | unknown)[],
): Promise<void> {
  const outcomes = await Promise.allSettled(steps.map(async step => await step()))
  throwCollected(
    what,
    outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason as unknown] : [])),
  )
}

/**
 * Undoes what a failure has left half-made. What cannot be undone is a warning: whoever asked must hear of the failure
 * itself, which the caller throws.
 */
export async function undo(
  engine: { readonly warn: (warning: Diagnostic) => void },
  what: string,
  steps: readonly (() => Promise<unknown> | unknown)[],
): Promise<void> {
  try {
    await collectErrors(`undo: ${what}`, steps)
  } catch (error) {
    engine.warn({ severity: 'warning', code: 'UNDO_FAILED', summary: messageOf(error) })
  }
}

function throwCollected(what: string, errors: readonly unknown[]): void {
  if (errors.length === 0) return
  if (errors.length === 1 && errors[0] instanceof Failure) throw errors[0]
  const kind = errors.find(error => error instanceof Failure)?.kind ?? 'internal'
  throw new Failure(
    kind,
    errors.flatMap(error => diagnosticsOf(what, error)),
    errors[0],
  )
}

function diagnosticsOf(what: string, error: unknown): readonly Diagnostic[] {
  if (error instanceof Failure) return error.diagnostics
  return failure({ code: 'TEARDOWN', summary: `${what}: ${messageOf(error)}` }).diagnostics
}
