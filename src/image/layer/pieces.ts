/** Bytes of a piece: each costs whoever reads it a turn. */
const PIECE = 256 * 1024

/**
 * The memory that a tar is read into. An archive has thousands of pieces, and what each fresh one costs, pages of the kernel's and the collector's
 * work, is more than what is done with it: who has written one out can give it back. A piece that nobody gives back is garbage like any other.
 */
export class Pieces {
  readonly #lent = new WeakSet<ArrayBufferLike>()
  readonly #free: Buffer[] = []

  /** One to write into, of the size of all. */
  take(): Buffer {
    const piece = this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE)
    this.#lent.add(piece.buffer)
    return piece
  }

  /** Nobody reads these bytes any more. Those that are no piece of ours, or are back already, are left alone. */
  giveBack({ buffer }: Uint8Array): void {
    if (this.#lent.delete(buffer)) this.#free.push(Buffer.from(buffer))
  }
}
