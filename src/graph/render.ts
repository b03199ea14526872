import type { Graph } from './graph.ts'

/** One line a vertex, `id <- what it comes after`: for goldens and for reading. */
export function renderGraph<T>(graph: Graph<T>): string {
  return graph.vertices
    .map(({ id }, index) => {
      const targets = (graph.after[index] ?? []).map(other => graph.vertices[other]?.id ?? '')
      return targets.length === 0 ? id : `${id} <- ${targets.join(', ')}`
    })
    .join('\n')
}

/** The graph as a Mermaid flow chart, arrows from what comes first. */
export function renderMermaid<T>(graph: Graph<T>): string {
  const lines = ['flowchart LR']
  for (const [index, { id }] of graph.vertices.entries()) {
    lines.push(`  v${index}["${id.replaceAll('"', '#quot;')}"]`)
    for (const other of graph.after[index] ?? []) lines.push(`  v${other} --> v${index}`)
  }
  return lines.join('\n')
}
