import { failure } from '../../../diagnostics/index.ts'

/** How many categories policies have (`c0` to `c1023`). */
const CATEGORIES = 1024
/** The two highest are those of file systems whose container has no label: no container has both. */
const HELD_BACK: readonly [number, number] = [CATEGORIES - 2, CATEGORIES - 1]
const PAIRS = CATEGORIES * (CATEGORIES - 1)

/** The level of what everybody may read and write, of any level: `s0` of `s0:c1,c5`. */
export function sharedLevel(level: string): string {
  return /^[^:-]+/.exec(level)?.[0] ?? level
}

/** The level of file systems of containers without a label: no other container reads them. */
export function heldBackLevel(level: string): string {
  return levelOf(level, HELD_BACK)
}

/**
 * A level whose pair of categories nobody has, so that what one container labels no other can read. `level` has the sensitivity; `random` gives a
 * number from 0 on below its argument. Fails with `SELINUX_LEVELS` when all are taken.
 */
export function freeLevel(
  level: string,
  isTaken: (level: string) => boolean,
  random: (below: number) => number,
): string {
  const begin = random(PAIRS)
  for (let step = 0; step < PAIRS; step += 1) {
    const found = levelOf(level, pairAt((begin + step) % PAIRS))
    if (found !== heldBackLevel(level) && !isTaken(found)) return found
  }
  throw failure({
    code: 'SELINUX_LEVELS',
    kind: 'conflict',
    summary: 'no pair of SELinux categories is left for one more container',
  })
}

/** Each pair stands in two places; the lower category comes first, as the kernel writes it. */
function pairAt(place: number): readonly [number, number] {
  const first = Math.floor(place / (CATEGORIES - 1))
  const rest = place % (CATEGORIES - 1)
  const second = rest < first ? rest : rest + 1
  return [Math.min(first, second), Math.max(first, second)]
}

function levelOf(level: string, [low, high]: readonly [number, number]): string {
  return `${sharedLevel(level)}:c${low},c${high}`
}
