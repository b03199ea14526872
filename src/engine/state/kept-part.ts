/**
 * A part of what is told of a thing, made once for what it is made from. It is frozen, by which the server of the API knows that
 * its text can be kept as well (`encodeJson`): nothing in it may change, and it is made anew where one of the things is another.
 */
export class KeptPart<Of extends object, Part extends object> {
  readonly #known = new WeakMap<Of, { readonly from: readonly unknown[]; readonly part: Part }>()

  /** `from`: all that `make` looks at, and that is replaced rather than changed. */
  of(thing: Of, from: readonly unknown[], make: () => Part): Part {
    const known = this.#known.get(thing)
    const isSame = known?.from.length === from.length && from.every((each, at) => each === known.from[at])
    if (known !== undefined && isSame) return known.part
    const part = Object.freeze(make())
    this.#known.set(thing, { from, part })
    return part
  }
}
