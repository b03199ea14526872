import { buildGraph, findCycles } from '../../src/graph/index.ts'
import type { Module } from './modules.ts'

/** One line for each import cycle, as the chain of files that closes it. */
export function checkCycles(modules: readonly Module[]): string[] {
  const paths = new Set(modules.map(({ path }) => path))
  const vertices = modules.map(({ path, imports }) => ({
    id: path,
    value: path,
    after: imports.filter(target => paths.has(target)),
  }))
  return findCycles(buildGraph(vertices)).map(chain => `import cycle: ${closed(chain).join(' -> ')}`)
}

/** The way back to where it began. */
export function closed(chain: readonly string[]): string[] {
  return [...chain, ...chain.slice(0, 1)]
}
