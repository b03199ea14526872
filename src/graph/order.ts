import type { Graph, Vertex } from './graph.ts'

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

/** A binary heap of numbers, smallest first: keeps `order` near linear for graphs of many thousand vertices. */
class IndexHeap {
  readonly #items: number[] = []

  push(item: number): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((items[parent] ?? 0) <= item) break
      items[at] = items[parent] ?? 0
      at = parent
    }
    items[at] = item
  }

  pop(): number | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined || items.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && (items[child + 1] ?? 0) < (items[child] ?? 0)) child += 1
      if (last <= (items[child] ?? 0)) break
      items[at] = items[child] ?? 0
      at = child
    }
    items[at] = last
    return top
  }
}
