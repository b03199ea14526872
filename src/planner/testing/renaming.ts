import type { Observed } from '../observed/observed.ts'
import type { Operation } from '../plan/operation.ts'
import type { Plan } from '../plan/plan.ts'
import { canonical, compareText } from '../spec/canonical.ts'

/** The services' names of `arbitrary.ts`, each with another one; the order of the names is the other way round. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  alpha: 'omega',
  beta: 'gamma',
  delta: 'delta',
  gamma: 'beta',
  omega: 'alpha',
}

/** The value with all services' names exchanged; twice is the value again. */
export function renamed<T>(value: T): T {
  if (typeof value === 'string') return renamedText(value) as T
  if (Array.isArray(value)) return value.map(item => renamed(item as unknown)) as T
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [renamedText(key), renamed(item as unknown)])
  return Object.fromEntries(entries) as T
}

function renamedText(text: string): string {
  return text.replace(/alpha|beta|delta|gamma|omega/g, name => OTHER_NAMES[name] ?? name)
}

/**
 * The operations of a plan with what follows from names by chance left out: labels, whose digests are of texts with
 * names in them, and the ids of containers, networks and images, in whose place their names stand.
 */
export function withoutIds(plan: Plan, world: Observed): readonly unknown[] {
  const images = Object.entries(world.images).map(([name, { id }]) => ({
    name,
    id: id.replace('sha256:', ''),
  }))
  const named = [...world.containers, ...world.networks, ...images]
  const ids = new Map(named.map(({ id, name }) => [id.slice(0, 12), name]))
  const text = JSON.stringify(plan.operations.map(operation => ({ ...operation, labels: undefined })))
  const withNames = text.replace(/[0-9a-f]{12,64}/g, id => ids.get(id.slice(0, 12)) ?? id)
  return JSON.parse(withNames) as unknown[]
}

/** A line an operation: in order, and so are the names and operations that a line lists. */
export function inOrder(operations: readonly unknown[]): string {
  const lines = operations.map(operation => {
    const { after, cause, ...rest } = operation as Operation
    const causes = cause.replace(/"[a-z]+"(, "[a-z]+")+/g, names => sorted(names.split(', ')))
    return JSON.stringify(canonical({ ...rest, cause: causes, after: sorted(after) }))
  })
  return lines.sort(compareText).join('\n')
}

function sorted(names: readonly string[]): string {
  return [...names].sort(compareText).join(', ')
}
