/** A vertex as given: an edge says "must happen after". */
export interface Vertex<T> {
  readonly id: string
  readonly value: T
  /** Ids of the vertices that this one comes after. */
  readonly after: readonly string[]
}

/**
 * A directed graph. `before` and `after` hold indices into `vertices`, sorted and without doubles, so that all that is
 * derived from a graph depends on the order of its vertices alone, never on the order in which edges were written.
 */
export interface Graph<T> {
  readonly vertices: readonly Vertex<T>[]
  readonly indexOf: ReadonlyMap<string, number>
  /** For each vertex, those it comes after. */
  readonly after: readonly (readonly number[])[]
  /** For each vertex, those that come after it. */
  readonly before: readonly (readonly number[])[]
}

/** Builds a graph; throws a RangeError for an id that stands twice and for an edge to a vertex that is not there. */
export function buildGraph<T>(vertices: readonly Vertex<T>[]): Graph<T> {
  const indexOf = new Map<string, number>()
  for (const [index, vertex] of vertices.entries()) {
    if (indexOf.has(vertex.id)) throw new RangeError(`vertex "${vertex.id}" stands twice`)
    indexOf.set(vertex.id, index)
  }
  const before: number[][] = vertices.map(() => [])
  const after = vertices.map((vertex, index) => {
    const targets = [...new Set(vertex.after)].map(id => {
      const target = indexOf.get(id)
      if (target === undefined)
        throw new RangeError(`vertex "${vertex.id}" comes after "${id}", which is unknown`)
      return target
    })
    for (const target of targets) before[target]?.push(index)
    return targets.sort((a, b) => a - b)
  })
  return { vertices, indexOf, after, before }
}

/** The graph with every edge turned round: what came first comes last. */
export function reverse<T>(graph: Graph<T>): Graph<T> {
  const vertices = graph.vertices.map((vertex, index) => ({
    ...vertex,
    after: (graph.before[index] ?? []).map(other => graph.vertices[other]?.id ?? ''),
  }))
  return buildGraph(vertices)
}

/** Ids of all that `ids` come after, directly or not, themselves included. */
export function upstreamOf<T>(graph: Graph<T>, ids: Iterable<string>): Set<string> {
  return reach(graph, ids, graph.after)
}

/** Ids of all that come after `ids`, directly or not, themselves included. */
export function downstreamOf<T>(graph: Graph<T>, ids: Iterable<string>): Set<string> {
  return reach(graph, ids, graph.before)
}

function reach<T>(graph: Graph<T>, ids: Iterable<string>, next: Graph<T>['after']): Set<string> {
  const found = new Set<string>()
  const queue = [...ids]
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const index = graph.indexOf.get(id)
    if (index === undefined || found.has(id)) continue
    found.add(id)
    for (const other of next[index] ?? []) queue.push(graph.vertices[other]?.id ?? '')
  }
  return found
}
