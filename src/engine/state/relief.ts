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
  const names = new Map<string, string>()
  if (relieved.size > 0) for (const { id, name } of all) if (relieved.has(id)) names.set(id, name)
  const isRelieved = ({ id }: Container): boolean => relieved.has(id)
  return {
    isRelieved,
    isAside: container => container.record.relief === 'waiting' || isRelieved(container),
    nameOf({ name, record }) {
      const before = record.relief === 'serving' ? names.get(record.replaces ?? '') : undefined
      return before ?? name
    },
  }
}
