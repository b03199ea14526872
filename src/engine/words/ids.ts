import { randomFillSync } from 'node:crypto'

/** Bytes of an id. */
const LENGTH = 32
/** Of many ids: asking for each alone takes longer than all else about it. */
const drawn = Buffer.alloc(128 * LENGTH)
let used = drawn.length

/**
 * A new id of a container, network, exec or endpoint: 64 hex digits, and among the first 12 a letter, as Docker's have: what has digits
 * alone is an address to resolvers, and no host of that name is found. `random` gives 32 bytes.
 */
export function newId(random: () => Buffer = draw): string {
  for (;;) {
    const id = random().toString('hex')
    if (/[a-f]/.test(shortId(id))) return id
  }
}

/** The form that people see: the first 12 digits, also the default hostname. */
export function shortId(id: string): string {
  return id.slice(0, 12)
}

function draw(): Buffer {
  if (used === drawn.length) {
    randomFillSync(drawn)
    used = 0
  }
  used += LENGTH
  return drawn.subarray(used - LENGTH, used)
}
