import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfThere, setAside, syncParent, writeFileAtomic } from '../../linux/atomic-file.ts'
import { hexOf, isDigest } from '../../oci/digest.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { type ImageConfig, parseImageConfig } from '../config.ts'

/** The image configs of a store, by id: the digest of their bytes. */
export class ConfigStore {
  readonly #folder: string
  readonly #onBroken: (path: string) => void
  readonly #known = new Map<string, ImageConfig>()

  constructor(folder: string, onBroken: (path: string) => void) {
    this.#folder = folder
    this.#onBroken = onBroken
  }

  /** Stores a config as it is written and gives its id; the same bytes again are the same id. */
  async add(bytes: Uint8Array): Promise<string> {
    const id = digestOf(bytes)
    if ((await this.read(id)) === undefined) {
      await writeFileAtomic(this.#path(id), bytes)
      await syncParent(this.#path(id))
    }
    return id
  }

  /** The config of an image; undefined when there is none. One whose bytes are not its id's is set aside. */
  async read(id: string): Promise<ImageConfig | undefined> {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const text = await readIfThere(this.#path(id))
    if (text === undefined) return undefined
    if (digestOf(text) !== id) {
      this.#onBroken(await setAside(this.#path(id)))
      return undefined
    }
    const config = parseImageConfig(Buffer.from(text))
    this.#known.set(id, config)
    return config
  }

  /** The config as it is written; undefined when there is none. */
  async bytes(id: string): Promise<Uint8Array | undefined> {
    return (await this.read(id)) === undefined ? undefined : await readFile(this.#path(id))
  }

  async remove(id: string): Promise<void> {
    this.#known.delete(id)
    await rm(this.#path(id), { force: true })
  }

  async ids(): Promise<readonly string[]> {
    const names = await readdir(this.#folder)
    return names
      .filter(name => name.endsWith('.json'))
      .map(name => `sha256:${name.slice(0, -'.json'.length)}`)
      .filter(isDigest)
  }

  #path(id: string): string {
    return join(this.#folder, `${hexOf(id)}.json`)
  }
}
