/** How many bytes of values a pattern has at most: each stands for itself while its places are looked for. */
const MOST_BYTES = 127
const MOST_PATTERNS = 64

/** Where in the bytes of a pattern each byte of its values is. */
interface Pattern {
  readonly bytes: Buffer
  /** By place in the bytes: which of all bytes of the values, one behind the other, is there. */
  readonly places: readonly (readonly [place: number, from: number])[]
}

/**
 * Messages that are made again and again, the same but for values of fixed length that are copied into them. Of each shape they are put together twice with
 * values that differ in all bytes, which shows where these are; from then on they are copied.
 */
export class BytePatterns {
  readonly #known = new Map<string, Pattern>()

  /** What `make` makes of the values. The shape is all else that it depends on, and their lengths. */
  make(
    shape: string,
    values: readonly Uint8Array[],
    make: (values: readonly Uint8Array[]) => Buffer,
  ): Buffer {
    const given = Buffer.concat(values)
    if (given.length > MOST_BYTES) return make(values)
    const { bytes, places } = this.#known.get(shape) ?? this.#learn(shape, values, make)
    const made = Buffer.from(bytes)
    for (const [place, from] of places) made[place] = given[from] ?? 0
    return made
  }

  #learn(
    shape: string,
    values: readonly Uint8Array[],
    make: (values: readonly Uint8Array[]) => Buffer,
  ): Pattern {
    const [bytes, other] = [make(numbered(values, 0)), make(numbered(values, MOST_BYTES + 1))]
    const places = [...bytes].flatMap((byte, place) =>
      byte === other[place] ? [] : [[place, byte] as const],
    )
    const pattern = { bytes, places }
    if (this.#known.size === MOST_PATTERNS) this.#known.clear()
    this.#known.set(shape, pattern)
    return pattern
  }
}

/** Values of the same lengths whose bytes are numbers from `first` on. */
function numbered(values: readonly Uint8Array[], first: number): Uint8Array[] {
  let next = first
  return values.map(value => value.map(() => next++))
}
