/** What a hold is of. */
export type Held =
  | `image:${string}`
  | `level:${string}`
  | `mounted:${string}`
  | `network:${string}`
  | `volume:${string}`

/**
 * What containers that are being created are going to use, and the volumes that somebody looks into (`mounted`). Their records do not tell yet, and between the look-up and the
 * record it must not be removed.
 */
export class Holds {
  readonly #byOwner = new Map<string, Set<Held>>()

  /** `owner`: the container's id. */
  add(owner: string, thing: Held): void {
    const things = this.#byOwner.get(owner) ?? new Set()
    this.#byOwner.set(owner, things.add(thing))
  }

  /** Everything of an owner: its record tells now, or it has come to nothing. */
  release(owner: string): void {
    this.#byOwner.delete(owner)
  }

  ownersOf(thing: Held): string[] {
    return [...this.#byOwner].filter(([, things]) => things.has(thing)).map(([owner]) => owner)
  }
}
