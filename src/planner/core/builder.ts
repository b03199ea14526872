import type { Diagnostic } from '../../diagnostics/index.ts'
import { buildGraph, order } from '../../graph/index.ts'
import type { PlannedOperation } from './operation.ts'
import type { PlanOf } from './plan.ts'

/**
 * Collects the operations of one plan. The reconcilers add in a deterministic order, so that sorting by the edges alone
 * makes equal input equal text.
 */
export class OperationCollector<O extends PlannedOperation> {
  readonly #project: string
  readonly #operations = new Map<string, O>()
  readonly #warnings: Diagnostic[] = []

  constructor(project: string) {
    this.#project = project
  }

  /** Adds the operation and returns its id, for those that come after it. */
  add(operation: O): string {
    if (this.#operations.has(operation.id)) throw new RangeError(`operation "${operation.id}" planned twice`)
    this.#operations.set(operation.id, operation)
    return operation.id
  }

  has(id: string): boolean {
    return this.#operations.has(id)
  }

  /** Ids of the operations planned so far that begin with this text. */
  idsFrom(prefix: string): string[] {
    return [...this.#operations.keys()].filter(id => id.startsWith(prefix))
  }

  /** Lets an operation that is planned already wait for further ones. */
  addAfter(id: string, after: readonly string[]): void {
    const operation = this.#operations.get(id)
    if (operation === undefined || after.length === 0) return
    this.#operations.set(id, { ...operation, after: [...new Set([...operation.after, ...after])] })
  }

  /** True if the operation waits, at whatever remove, for the other one. */
  comesAfter(id: string, other: string): boolean {
    const seen = new Set<string>()
    const waiting = [id]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (next === other) return true
      if (seen.has(next)) continue
      seen.add(next)
      waiting.push(...(this.#operations.get(next)?.after ?? []))
    }
    return false
  }

  /** Says more of an operation, if it is planned. */
  amend(id: string, fields: Partial<O>): void {
    const operation = this.#operations.get(id)
    if (operation !== undefined) this.#operations.set(id, { ...operation, ...fields })
  }

  /** Makes an operation unconditional. */
  dropGuard(id: string): void {
    const operation = this.#operations.get(id)
    if (operation === undefined) return
    const { guard: _guard, ...rest } = operation
    this.#operations.set(id, rest as O)
  }

  warn(code: string, summary: string, hint?: string, place: Pick<Diagnostic, 'path' | 'range'> = {}): void {
    const hinted = hint === undefined ? {} : { hint }
    this.#warnings.push({ severity: 'warning', code, summary, ...place, ...hinted })
  }

  /** The operations in an order that keeps every edge. Raises RangeError for a cycle: a fault of a reconciler. */
  collect(): PlanOf<O> {
    const graph = buildGraph(
      [...this.#operations.values()].map(operation => ({
        id: operation.id,
        value: operation,
        after: operation.after,
      })),
    )
    const operations = order(graph).map(vertex => vertex.value)
    if (operations.length !== this.#operations.size)
      throw new RangeError(`the plan of "${this.#project}" has a cycle`)
    return { project: this.#project, operations, warnings: this.#warnings }
  }
}
