import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../diagnostics/index.ts'
import { isAlive, ownIdentity, parseIdentity, renderIdentity } from '../linux/process-identity.ts'

/**
 * Folders of what was fetched, by the hash of their content: one that is there is complete and stays, since containers may
 * have files of it mounted.
 */
export class RemoteCache {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The folder of a key such as `git/<commit>`; `fill` makes its content where it is not there yet. */
  async ensure(key: string, fill: (folder: string) => Promise<void>): Promise<string> {
    const folder = join(this.#folder, key)
    if (isFolder(folder)) return folder
    const half = this.#openHalf()
    try {
      await fill(half)
      mkdirSync(join(folder, '..'), { recursive: true, mode: 0o700 })
      moveIfFirst(half, folder)
    } finally {
      rmSync(half, { recursive: true, force: true })
    }
    return folder
  }

  /** A folder for half-made things; those of processes that have died are removed. */
  #openHalf(): string {
    const halves = join(this.#folder, 'tmp')
    mkdirSync(halves, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(halves))
      if (!isOwned(name)) rmSync(join(halves, name), { recursive: true, force: true })
    return mkdtempSync(join(halves, `${renderIdentity(ownIdentity())}-`))
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** Another process may have fetched the same meanwhile: then its folder is as good. */
function moveIfFirst(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error
  }
}

function isOwned(name: string): boolean {
  const maker = parseIdentity(name.slice(0, name.lastIndexOf('-')))
  return maker !== undefined && isAlive(maker)
}
