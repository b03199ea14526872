import type { Graph, Vertex } from './graph.ts'
import { IndexHeap } from './index-heap.ts'

/**
 * The vertices so that each stands behind those it comes after; of those that could come next always the one that was
 * given first, so equal graphs give equal orders. Vertices on a cycle, and behind one, are left out (see `findCycles`).
 */
export function order<T>(graph: Graph<T>): Vertex<T>[] {
  const waiting = graph.after.map(targets => targets.length)
  const ready = new IndexHeap()
  for (const [index, count] of waiting.entries()) if (count === 0) ready.push(index)
  const result: Vertex<T>[] = []
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    const vertex = graph.vertices[index]
    if (vertex !== undefined) result.push(vertex)
    for (const next of graph.before[index] ?? []) {
      const left = (waiting[next] ?? 0) - 1
      waiting[next] = left
      if (left === 0) ready.push(next)
    }
  }
  return result
}
