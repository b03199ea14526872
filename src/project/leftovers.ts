import { messageOf } from '../diagnostics/index.ts'
import type { Leftover } from '../doctor/leftovers.ts'
import { statePaths } from './state-paths.ts'
import { environmentOf, type Target } from './target.ts'

export type { Leftover } from '../doctor/leftovers.ts'

/** What was found that is nobody's any more, and what became of it. */
export interface Cleaning {
  readonly found: readonly Leftover[]
  /** None unless it was approved. */
  readonly removed: readonly Leftover[]
  readonly failures: readonly { readonly leftover: Leftover; readonly reason: string }[]
}

/** Whether somebody uses it, or may be about to. */
export function isLeftAlone({ pids, hasChanged }: Leftover): boolean {
  return pids.length > 0 || hasChanged === true
}

/**
 * Removes what engines have left in the kernel and in RUN whose ROOT is gone, if `approve` says so of those that no process
 * uses. One that cannot be removed does not keep the others. NOT_ROOT.
 */
export async function cleanLeftovers(
  target: Target,
  approve: (found: readonly Leftover[]) => boolean | Promise<boolean>,
): Promise<Cleaning> {
  const env = environmentOf(target)
  const { findLeftovers, removeLeftover, thisMachine } = await import('../doctor/index.ts')
  const machine = thisMachine(statePaths(env), env['PATH'])
  const found = await findLeftovers(machine)
  const free = found.filter(each => !isLeftAlone(each))
  if (free.length === 0 || !(await approve(found))) return { found, removed: [], failures: [] }
  const removed: Leftover[] = []
  const failures: { leftover: Leftover; reason: string }[] = []
  for (const leftover of free)
    try {
      await removeLeftover(leftover, machine)
      removed.push(leftover)
    } catch (error) {
      failures.push({ leftover, reason: messageOf(error) })
    }
  return { found, removed, failures }
}
