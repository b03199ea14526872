/** Clients that make containers which they are about to start, for as long as they are connected. */
export class Makers {
  readonly #present = new Set<string>()

  enter(maker: string): void {
    this.#present.add(maker)
  }

  leave(maker: string): void {
    this.#present.delete(maker)
  }

  has(maker: string): boolean {
    return this.#present.has(maker)
  }
}
