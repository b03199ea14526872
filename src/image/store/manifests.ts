import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import { setAside, syncParent, writeFileAtomic } from '../../linux/atomic-file.ts'
import { hexOf, isDigest } from '../../oci/digest.ts'
import { digestOf } from '../../oci/digest-of.ts'
import type { ManifestContent } from '../registry/index.ts'

/** Manifests and indexes as they came, by the digest of their bytes. */
export class ManifestStore {
  readonly #folder: string
  readonly #onBroken: (path: string) => void

  constructor(folder: string, onBroken: (path: string) => void) {
    this.#folder = folder
    this.#onBroken = onBroken
  }

  async add({ digest, bytes }: ManifestContent): Promise<void> {
    if ((await this.read(digest)) !== undefined) return
    await writeFileAtomic(this.#path(digest), bytes)
    await syncParent(this.#path(digest))
  }

  /** The bytes of a digest; undefined when there are none. Others than the digest says are set aside. */
  async read(digest: string): Promise<Uint8Array | undefined> {
    let bytes: Buffer
    try {
      bytes = await readFile(this.#path(digest))
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined
      throw error
    }
    if (digestOf(bytes) === digest) return bytes
    this.#onBroken(await setAside(this.#path(digest)))
    return undefined
  }

  /** Removes all but these. */
  async keepOnly(live: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const digest = `sha256:${name.replace(/\.json$/, '')}`
      if (isDigest(digest) && !live.has(digest)) await rm(join(this.#folder, name), { force: true })
    }
  }

  #path(digest: string): string {
    return join(this.#folder, `${hexOf(digest)}.json`)
  }
}
