import type { Container } from './container.ts'

/** What follows from it for others. */
export interface Reliefs {
  /** It has neither names nor ports of the host: it waits, or somebody has taken both from it. */
  isAside(container: Container): boolean
  /** Somebody has taken its names and ports from it. */
  isRelieved(container: Container): boolean
  /** What others call it: one that has taken over is called as the one before, whose name it has not yet. */
  nameOf(container: Container): string
}

/** Who stands aside among these; to be asked for once for many. */
export function reliefsAmong(containers: Iterable<Container>): Reliefs {
  const all = [...containers]
  const relieved = new Set<string>()
  for (const { record } of all)
    if (record.relief === 'serving' && record.replaces !== undefined) relieved.add(record.replaces)
  const before = new Map(relieved.size === 0 ? [] : all.map(each => [each.id, each]))
  const nameOf = ({ name, record }: Container): string => {
    const old = record.relief === 'serving' ? before.get(record.replaces ?? '') : undefined
    return old === undefined ? name : nameOf(old)
  }
  const isRelieved = ({ id }: Container): boolean => relieved.has(id)
  return {
    isRelieved,
    isAside: container => container.record.relief === 'waiting' || isRelieved(container),
    nameOf,
  }
}
