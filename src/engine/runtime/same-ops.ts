import type { Op } from '../../native/index.ts'

const MOST = 256

/** By what they are made of. */
const made = new Map<string, readonly Op[]>()

/**
 * Operations that are the same in the programs of many containers, made once for what they are made of. They are frozen, by which the encoder knows
 * that their bytes can be kept as well (`encodeProgram`).
 */
export function sameOps<Kind extends Op>(
  what: string,
  from: readonly unknown[],
  make: () => readonly Kind[],
): readonly Kind[] {
  const key = `${what} ${JSON.stringify(from)}`
  // What is kept under a key was made by the same function.
  const known = made.get(key) as readonly Kind[] | undefined
  if (known !== undefined) return known
  const ops = make()
  for (const op of ops) Object.freeze(op)
  if (made.size === MOST) made.clear()
  made.set(key, ops)
  return ops
}
