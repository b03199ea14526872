import type { Drift } from '../../api/types/index.ts'
import type { RuntimeSpec } from '../runtime/index.ts'

/** By run: what the kernel had after it had taken what was written, by path. */
const settled = new WeakMap<RuntimeSpec, Map<string, string>>()

/**
 * What is otherwise although the kernel has just taken it: it has its own way to say the same, or to round, and asking it again and again
 * would change nothing. That value is none of our business for the rest of the run.
 */
export function settle(spec: RuntimeSpec, drift: readonly Drift[]): void {
  const values = settled.get(spec) ?? new Map()
  for (const { Path, Got } of drift) values.set(Path, Got)
  settled.set(spec, values)
}

/** Drift but for what was settled. */
export function unsettled(spec: RuntimeSpec, drift: readonly Drift[]): Drift[] {
  const values = settled.get(spec)
  return values === undefined ? [...drift] : drift.filter(({ Path, Got }) => values.get(Path) !== Got)
}
