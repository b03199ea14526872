import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildRecords } from '../../api/backend/build-records.ts'
import { errnoOf } from '../../diagnostics/index.ts'
import { writeFileAtomic } from '../../linux/atomic-file.ts'

const ENDING = '.record'

/** ROOT/builds: a file for each build that is remembered. Its name is a digest: clients name builds as they like. */
export class BuildRecordFiles implements BuildRecords {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async read(): Promise<readonly Uint8Array[]> {
    const found: Uint8Array[] = []
    for (const name of await this.#names()) {
      const path = join(this.#folder, name)
      const bytes = name.endsWith(ENDING) ? await bytesOf(path) : undefined
      if (bytes !== undefined) found.push(bytes)
      // What a write has left that was cut off.
      else await rm(path, { force: true })
    }
    return found
  }

  find(name: string): Promise<Uint8Array | undefined> {
    return bytesOf(this.#pathOf(name))
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFileAtomic(this.#pathOf(name), bytes, { durable: false })
  }

  async remove(name: string): Promise<void> {
    await rm(this.#pathOf(name), { force: true })
  }

  #pathOf(name: string): string {
    return join(this.#folder, `${createHash('sha256').update(name).digest('hex')}${ENDING}`)
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#folder)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return []
      throw error
    }
  }
}

async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
