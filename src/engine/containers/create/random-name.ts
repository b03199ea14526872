import { randomInt } from 'node:crypto'

const QUALITIES = [
  'amber', 'brave', 'calm', 'clever', 'crisp', 'eager', 'early', 'fair', 'gentle', 'glad', 'golden', 'keen',
  'kind', 'lively', 'lucid', 'mellow', 'merry', 'nimble', 'patient', 'plain', 'quick', 'quiet', 'sunny', 'warm',
] as const // biome-ignore format: a word list
const THINGS = [
  'acorn', 'anchor', 'beacon', 'birch', 'brook', 'cedar', 'comet', 'coral', 'ember', 'falcon', 'fern', 'harbor',
  'heron', 'lantern', 'maple', 'meadow', 'otter', 'pebble', 'pine', 'river', 'sparrow', 'thistle', 'willow', 'wren',
] as const // biome-ignore format: a word list

/** A free name for a container that was given none, `quiet_otter`, with a number when that is taken. */
export function randomName(isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const words = `${QUALITIES[randomInt(QUALITIES.length)]}_${THINGS[randomInt(THINGS.length)]}`
    const name = attempt < 3 ? words : `${words}${randomInt(10 ** Math.min(attempt, 9))}`
    if (!isTaken(name)) return name
  }
}
