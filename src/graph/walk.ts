import type { Graph } from './graph.ts'
import { IndexHeap } from './index-heap.ts'

export interface WalkOptions {
  /** Visits at once; absent or not positive = no limit. */
  readonly limit?: number
  /** After abort no visit begins; those on their way end by themselves. */
  readonly signal?: AbortSignal
}

export type VisitOutcome = 'done' | 'failed' | 'skipped'

export interface WalkResult {
  /** By vertex id. 'skipped': something before it failed or was skipped, or the walk was aborted. */
  readonly outcomes: ReadonlyMap<string, VisitOutcome>
  /** What visits threw, in the order of the vertices: root causes alone, nothing that merely followed. */
  readonly failures: readonly { readonly id: string; readonly error: unknown }[]
  readonly aborted: boolean
}

/**
 * Visits every vertex once all that it comes after are done, side by side up to the limit, ready ones in the order of the
 * graph. A visit that throws skips all behind it; everything else goes on. Vertices on a cycle are skipped.
 */
export async function walk<T>(
  graph: Graph<T>,
  visit: (value: T, id: string) => Promise<void>,
  options: WalkOptions = {},
): Promise<WalkResult> {
  const limit = options.limit !== undefined && options.limit > 0 ? options.limit : Number.POSITIVE_INFINITY
  const state = new WalkState(graph)
  await new Promise<void>(resolve => {
    const advance = (): void => {
      while (state.running < limit && options.signal?.aborted !== true) {
        const index = state.takeReady()
        if (index === undefined) break
        const vertex = graph.vertices[index]
        if (vertex === undefined) continue
        state.running += 1
        // The visit begins in a microtask of its own, so that one that throws at once is treated as one that rejects.
        void Promise.resolve()
          .then(() => visit(vertex.value, vertex.id))
          .then(
            () => state.finish(index, 'done'),
            (error: unknown) => state.finish(index, 'failed', error),
          )
          .then(advance)
      }
      if (state.running === 0) resolve()
    }
    advance()
  })
  return state.result(options.signal?.aborted === true)
}

class WalkState<T> {
  running = 0
  readonly #graph: Graph<T>
  readonly #waiting: number[]
  /** Indices that may begin. */
  readonly #ready = new IndexHeap()
  readonly #outcomes: (VisitOutcome | undefined)[] = []
  readonly #errors = new Map<number, unknown>()

  constructor(graph: Graph<T>) {
    this.#graph = graph
    this.#waiting = graph.after.map(targets => targets.length)
    for (const [index, count] of this.#waiting.entries()) if (count === 0) this.#ready.push(index)
  }

  takeReady(): number | undefined {
    return this.#ready.pop()
  }

  finish(index: number, outcome: 'done' | 'failed', error?: unknown): void {
    this.running -= 1
    this.#outcomes[index] = outcome
    if (outcome === 'failed') {
      this.#errors.set(index, error)
      return
    }
    for (const next of this.#graph.before[index] ?? []) {
      const left = (this.#waiting[next] ?? 0) - 1
      this.#waiting[next] = left
      if (left === 0) this.#ready.push(next)
    }
  }

  result(aborted: boolean): WalkResult {
    const outcomes = new Map<string, VisitOutcome>()
    for (const [index, vertex] of this.#graph.vertices.entries())
      outcomes.set(vertex.id, this.#outcomes[index] ?? 'skipped')
    const failures = [...this.#errors]
      .sort(([a], [b]) => a - b)
      .map(([index, error]) => ({ id: this.#graph.vertices[index]?.id ?? '', error }))
    return { outcomes, failures, aborted }
  }
}
