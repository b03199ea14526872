import { Mutex } from '../../linux/mutex.ts'

const locks = new Map<string, Mutex>()

/** Runs work that has these names for itself; always taken in the same order, so that two never wait for each other. */
export function withExclusive<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
  return [...new Set(names)].sort().reduceRight((inner, name) => () => lockOf(name).run(inner), work)()
}

function lockOf(name: string): Mutex {
  const lock = locks.get(name) ?? new Mutex()
  locks.set(name, lock)
  return lock
}
