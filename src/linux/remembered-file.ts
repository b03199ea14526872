import { readFileSync, statSync } from 'node:fs'
import { errnoOf } from '../diagnostics/index.ts'

/**
 * What is in a file that only ever changes by another being put in its place, by whichever process: one look where it is the one that
 * was read last, instead of opening, reading and parsing it. It is looked at at once: to have another thread do so takes ten times as long.
 */
export class RememberedFile<T> {
  readonly #path: string
  readonly #parse: (text: string) => T
  #known: { readonly stamp: string; readonly value: T } | undefined

  constructor(path: string, parse: (text: string) => T) {
    this.#path = path
    this.#parse = parse
  }

  /** Undefined where there is no file; what `parse` throws is thrown, and nothing is remembered of it. */
  async read(): Promise<T | undefined> {
    try {
      // First: one that is replaced in between is read once more the next time.
      const stamp = this.#stamp()
      if (this.#known?.stamp === stamp) return this.#known.value
      const value = this.#parse(readFileSync(this.#path, 'utf8'))
      this.#known = { stamp, value }
      return value
    } catch (error) {
      this.#known = undefined
      if (errnoOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  #stamp(): string {
    const { ino, size, mtimeNs, ctimeNs } = statSync(this.#path, { bigint: true })
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
  }
}
