import { failure } from '../diagnostics/index.ts'

/** What an archive may grow to. */
export interface TarLimits {
  /** Bytes of all files together. */
  readonly bytes: number
  readonly entries: number
  /** Unpacked bytes for one packed byte, once `ratioFrom` bytes were unpacked. */
  readonly ratio: number
  readonly ratioFrom: number
}

/**
 * Far beyond any archive that is meant: a full disk ends the others. gzip cannot pack better than 1:1032, and only zeros
 * as well as that.
 */
export const DEFAULT_LIMITS: TarLimits = {
  bytes: 2 ** 40,
  entries: 10_000_000,
  ratio: 500,
  ratioFrom: 2 ** 30,
}

/** Counts what an archive unpacks to. Raises TAR_TOO_LARGE. */
export class TarBudget {
  /** Bytes of the archive as it came. */
  packed = 0
  /** Bytes of the tar itself. */
  unpacked = 0
  #bytes = 0
  #entries = 0
  readonly #limits: TarLimits

  constructor(limits: TarLimits) {
    this.#limits = limits
  }

  addEntry(size: number): void {
    this.#entries += 1
    this.#bytes += size
    if (this.#entries > this.#limits.entries) throw tooLarge(`more than ${this.#limits.entries} entries`)
    if (this.#bytes > this.#limits.bytes) throw tooLarge(`more than ${this.#limits.bytes} bytes`)
  }

  addUnpacked(length: number): void {
    this.unpacked += length
    const { ratio, ratioFrom } = this.#limits
    if (this.unpacked > ratioFrom && this.unpacked > this.packed * ratio)
      throw tooLarge(`more than ${ratio} bytes for each one that is packed`)
  }
}

function tooLarge(what: string): Error {
  return failure({
    code: 'TAR_TOO_LARGE',
    kind: 'invalidArgument',
    summary: `tar archive unpacks to ${what}`,
    hint: 'unpack it yourself if it is meant to be so large',
  })
}
