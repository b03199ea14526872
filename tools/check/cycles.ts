import type { Module } from './modules.ts'

/** One line for each import cycle, as the chain of files that closes it. */
export function checkCycles(modules: readonly Module[]): string[] {
  const byPath = new Map(modules.map(module => [module.path, module]))
  const done = new Set<string>()
  const problems: string[] = []
  const visit = (path: string, chain: readonly string[]): void => {
    const at = chain.indexOf(path)
    if (at >= 0) {
      problems.push(`import cycle: ${[...chain.slice(at), path].join(' -> ')}`)
      return
    }
    if (done.has(path)) return
    for (const target of byPath.get(path)?.imports ?? []) visit(target, [...chain, path])
    done.add(path)
  }
  for (const module of modules) visit(module.path, [])
  return problems
}
