import { buildGraph, findCycles } from '../../src/graph/index.ts'
import type { Module } from './modules.ts'

/** One line for each import cycle, as the chain of files that closes it. */
export function checkCycles(modules: readonly Module[]): string[] {
  const edges = new Map(modules.map(({ path, imports }) => [path, imports]))
  return cyclesOf(edges).map(chain => `import cycle: ${closed(chain).join(' -> ')}`)
}

/** The cycles of a graph, given as what each of its vertices leads to. Who is none of them leads nowhere. */
export function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const vertices = [...edges].map(([id, targets]) => ({
    id,
    value: id,
    after: targets.filter(target => edges.has(target)),
  }))
  return findCycles(buildGraph(vertices)).map(chain => [...chain])
}

/** The way back to where it began. */
export function closed(chain: readonly string[]): string[] {
  return [...chain, ...chain.slice(0, 1)]
}
