import type { Change } from '../core/operation.ts'
import type { Action, Guard } from './operation.ts'

/** The parts of an operation that depend on who plans it. */
export interface StepOptions {
  readonly cause: string
  readonly after: readonly string[]
  readonly action?: Action
  readonly changes?: readonly Change[]
  readonly guard?: Guard | undefined
}

/** The fields that all operations on containers share. */
export function stepBase(
  name: string,
  step: StepOptions,
  action: Action,
): {
  after: readonly string[]
  resource: { kind: 'container'; name: string }
  action: Action
  cause: string
  changes: readonly Change[]
  guard?: Guard
} {
  return {
    after: [...new Set(step.after)],
    resource: { kind: 'container', name },
    action: step.action ?? action,
    cause: step.cause,
    changes: step.changes ?? [],
    ...(step.guard === undefined ? {} : { guard: step.guard }),
  }
}
