import { readdirSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../diagnostics/index.ts'
import { readIfThere, setAside, syncParent, writeFileAtomic } from '../../linux/atomic-file.ts'
import { hexOf, isDigest } from '../../oci/digest.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { type ImageConfig, parseImageConfig } from '../config.ts'

const RETIRED = '.retired'

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
    if ((await this.read(id)) === undefined || (await this.retired()).includes(id)) {
      await writeFileAtomic(this.#path(id), bytes)
      await rm(this.#retiredPath(id), { force: true })
      await syncParent(this.#path(id))
    }
    return id
  }

  /** The config of an image, also a retired one; undefined when there is none. One whose bytes are not its id's, or that cannot be used, is set aside. */
  async read(id: string): Promise<ImageConfig | undefined> {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    let path = this.#path(id)
    let text = await readIfThere(path)
    if (text === undefined) {
      path = this.#retiredPath(id)
      text = await readIfThere(path)
    }
    if (text === undefined) return undefined
    if (digestOf(text) !== id) {
      this.#onBroken(await setAside(path))
      return undefined
    }
    const config = usable(Buffer.from(text))
    if (config === undefined) {
      this.#onBroken(await setAside(path))
      return undefined
    }
    this.#known.set(id, config)
    return config
  }

  /** The config as it is written; undefined when there is none. */
  async bytes(id: string): Promise<Uint8Array | undefined> {
    if ((await this.read(id)) === undefined) return undefined
    const isRetired = (await this.retired()).includes(id)
    return await readFile(isRetired ? this.#retiredPath(id) : this.#path(id))
  }

  async remove(id: string): Promise<void> {
    this.#known.delete(id)
    await rm(this.#path(id), { force: true })
    await rm(this.#retiredPath(id), { force: true })
  }

  /** Takes an image off the list that containers still are made of. */
  async retire(id: string): Promise<void> {
    await rename(this.#path(id), this.#retiredPath(id))
    await syncParent(this.#path(id))
  }

  ids(): Promise<readonly string[]> {
    return this.#named('.json')
  }

  /** Those that are on no list and wait for their last container. */
  retired(): Promise<readonly string[]> {
    return this.#named(RETIRED)
  }

  async #named(end: string): Promise<readonly string[]> {
    // Each container that is made asks.
    return readdirSync(this.#folder)
      .filter(name => name.endsWith(end))
      .map(name => `sha256:${name.slice(0, -end.length)}`)
      .filter(isDigest)
  }

  #retiredPath(id: string): string {
    return join(this.#folder, `${hexOf(id)}${RETIRED}`)
  }

  #path(id: string): string {
    return join(this.#folder, `${hexOf(id)}.json`)
  }
}

/** Earlier versions took configs of other shapes: one of those must not keep anybody from all other images. */
function usable(bytes: Uint8Array): ImageConfig | undefined {
  try {
    return parseImageConfig(bytes)
  } catch (error) {
    if (error instanceof Failure && error.code === 'IMAGE_CONFIG_INVALID') return undefined
    throw error
  }
}
