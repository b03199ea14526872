import type { Graph } from './graph.ts'

/**
 * Every group of vertices that can reach each other, and every vertex that comes after itself: the strongly connected
 * components by Tarjan's algorithm, without recursion so that a chain of any length is safe. Each is given as one closed
 * way through it (`a → b → a` is `['a', 'b']`), beginning at its first vertex; in the order of these.
 */
export function findCycles<T>(graph: Graph<T>): string[][] {
  return components(graph)
    .filter(group => group.length > 1 || group.some(index => (graph.after[index] ?? []).includes(index)))
    .map(group => group.sort((a, b) => a - b))
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))
    .map(group => closedWay(graph, group).map(index => graph.vertices[index]?.id ?? ''))
}

interface Visit {
  readonly index: number
  next: number
}

function components<T>(graph: Graph<T>): number[][] {
  const seenAt: number[] = []
  const low: number[] = []
  const stack: number[] = []
  const onStack = new Set<number>()
  const result: number[][] = []
  let clock = 0
  const enter = (index: number): Visit => {
    seenAt[index] = clock
    low[index] = clock
    clock += 1
    stack.push(index)
    onStack.add(index)
    return { index, next: 0 }
  }
  const leave = (index: number): void => {
    if (low[index] !== seenAt[index]) return
    const group = stack.splice(stack.lastIndexOf(index))
    for (const member of group) onStack.delete(member)
    result.push(group)
  }
  for (const start of graph.vertices.keys()) {
    if (seenAt[start] !== undefined) continue
    const visits = [enter(start)]
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const target = graph.after[visit.index]?.[visit.next]
      visit.next += 1
      if (target === undefined) {
        leave(visit.index)
        visits.pop()
        const parent = visits.at(-1)?.index
        if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[visit.index] ?? 0)
      } else if (seenAt[target] === undefined) visits.push(enter(target))
      else if (onStack.has(target)) low[visit.index] = Math.min(low[visit.index] ?? 0, seenAt[target] ?? 0)
    }
  }
  return result
}

/** The shortest way from the group's first vertex back to itself, by breadth first search inside of the group. */
function closedWay<T>(graph: Graph<T>, group: readonly number[]): number[] {
  const members = new Set(group)
  const start = group[0] ?? 0
  const cameFrom = new Map<number, number>()
  const queue = [start]
  for (const index of queue) {
    for (const target of graph.after[index] ?? []) {
      if (target === start) return wayTo(index, start, cameFrom)
      if (!members.has(target) || cameFrom.has(target)) continue
      cameFrom.set(target, index)
      queue.push(target)
    }
  }
  return [...group]
}

function wayTo(end: number, start: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const way = [end]
  for (let at = end; at !== start; ) {
    at = cameFrom.get(at) ?? start
    way.unshift(at)
  }
  return way
}
