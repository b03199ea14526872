import { buildGraph, findCycles } from '../../src/graph/index.ts'
import { closed } from './cycles.ts'
import type { Module } from './modules.ts'

/** Arrows between neighbouring folders that still run back up and so close a cycle. This list may only shrink. */
export const UPWARD: readonly (readonly [from: string, to: string])[] = []

/** An arrow between two folders that stand in the same folder, with one import that draws it. */
interface Arrow {
  readonly from: string
  readonly to: string
  readonly example: string
}

/**
 * One line for each cycle of folders that stand side by side, at any depth, and for each exception that is none any more.
 * A folder's own files (its index, what it hands to all below) may stand above some of its folders and below others:
 * cycles of files are looked for apart.
 */
export function checkFolders(
  modules: readonly Module[],
  upward: readonly (readonly [from: string, to: string])[] = UPWARD,
): string[] {
  const arrows = [...arrowsOf(modules)]
  const isUpward = ({ from, to }: Arrow): boolean => upward.some(([a, b]) => a === from && b === to)
  const stale = upward.filter(([from, to]) => !closesCycle(arrows, from, to))
  return [
    ...cyclesOf(arrows.filter(arrow => !isUpward(arrow))).map(cycle => explain(cycle, arrows)),
    ...stale.map(
      ([from, to]) =>
        `tools/check/folders.ts: ${from} -> ${to} closes no cycle any more: remove it from the list`,
    ),
  ]
}

function* arrowsOf(modules: readonly Module[]): Generator<Arrow> {
  for (const { path, imports } of modules) {
    for (const target of imports) {
      const own = path.split('/').slice(0, -1)
      const other = target.split('/').slice(0, -1)
      const shared = own.findIndex((name, index) => name !== other[index])
      if (shared === -1 || shared >= other.length) continue
      yield {
        from: own.slice(0, shared + 1).join('/'),
        to: other.slice(0, shared + 1).join('/'),
        example: `${path} imports ${target}`,
      }
    }
  }
}

function cyclesOf(arrows: readonly Arrow[]): string[][] {
  const folders = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))]
  const after = (folder: string): string[] => arrows.filter(({ from }) => from === folder).map(({ to }) => to)
  const graph = buildGraph(folders.map(id => ({ id, value: id, after: after(id) })))
  return findCycles(graph).map(closed)
}

function closesCycle(arrows: readonly Arrow[], from: string, to: string): boolean {
  const reached = new Set([to])
  for (const folder of reached) for (const arrow of arrows) if (arrow.from === folder) reached.add(arrow.to)
  return reached.has(from) && arrows.some(arrow => arrow.from === from && arrow.to === to)
}

function explain(cycle: readonly string[], arrows: readonly Arrow[]): string {
  const examples = cycle.slice(1).map((to, index) => {
    const arrow = arrows.find(each => each.from === cycle[index] && each.to === to)
    return `\n  ${arrow?.example}`
  })
  return `folder cycle: ${cycle.join(' -> ')}${examples.join('')}`
}
