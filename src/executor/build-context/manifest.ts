import { createHash } from 'node:crypto'
import { type BigIntStats, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import type { BuildContextEntry, BuildContextManifest } from '../../api/types/index.ts'
import { errnoOf } from '../../diagnostics/index.ts'
import { textOfName } from '../../linux/name-text.ts'
import { deviceOf, FileNames, specialType, unreadable, type WalkChoice } from '../../tar/index.ts'

/** Times of the file system are this coarse: what was changed so shortly ago may change again without a new time. */
const COARSE_MS = 100
/** From so many names, or bytes of files that were just changed, on it is quicker to look again than to send them once more. */
const MANY = 2000
const MUCH = 16 * 1024 * 1024
/** Names that are looked at before others have a turn. */
const TOGETHER = 2000

/** A context as it is now, and where its files lie, by their places in the manifest. */
export interface LocalContext {
  readonly manifest: BuildContextManifest
  readonly pathOf: (place: number) => Buffer
}

/**
 * Looks at each file of a context and reads none. A file whose stamp is the same has the same content: there is no way to
 * change that without a new change time. Folders that are ignored but hold something that is not are there.
 */
export async function lookAtContext(
  folder: string,
  rules: string,
  choice: WalkChoice,
): Promise<LocalContext> {
  const walk = new Walk(choice)
  const top = Buffer.from(realpathSync(folder))
  await walk.below(top, '')
  await walk.lookAgain()
  const key = createHash('sha256').update(JSON.stringify([top.toString('latin1'), rules]))
  const mtime = seconds(lstatSync(top, { bigint: true }))
  return {
    manifest: { key: key.digest('hex'), mtime, entries: walk.entries },
    pathOf: place =>
      Buffer.concat([top, Buffer.from('/'), Buffer.from(walk.entries[place]?.[0] ?? '', 'latin1')]),
  }
}

class Walk {
  readonly entries: BuildContextEntry[] = []
  readonly #choice: WalkChoice
  #begun = Date.now()
  #looked = 0
  readonly #names = new FileNames()
  /** Files that were changed too shortly ago, by their places among the entries. */
  readonly #fresh = new Map<number, Buffer>()
  /** Ignored folders above, which come with the first entry in them. */
  #waiting: BuildContextEntry[] = []

  constructor(choice: WalkChoice) {
    this.#choice = choice
  }

  async below(folder: Buffer, prefix: string): Promise<void> {
    for (const name of listed(folder)) {
      this.#looked += 1
      // By calls that wait: they take a tenth of those that do not, and others have their turns in between.
      if (this.#looked % TOGETHER === 0) await new Promise(setImmediate)
      await this.#look(Buffer.concat([folder, SLASH, name]), `${prefix}${name.toString('latin1')}`)
    }
  }

  /** Gives what was just changed its stamps, once its times have had their moment, where the next build gains by it. */
  async lookAgain(): Promise<void> {
    const bytes = [...this.#fresh.keys()].reduce((sum, place) => sum + (this.entries[place]?.[4] ?? 0), 0)
    if (this.#fresh.size === 0 || (this.entries.length < MANY && bytes < MUCH)) return
    await new Promise(resolve => setTimeout(resolve, COARSE_MS + 1))
    this.#begun = Date.now()
    for (const [place, path] of this.#fresh) {
      const [stats, [name] = []] = [statsOf(path), this.entries[place]]
      const entry =
        stats?.isFile() && name !== undefined ? this.#entryOf(path, name, stats, false) : undefined
      if (entry !== undefined) this.entries[place] = entry
    }
  }

  async #look(path: Buffer, name: string): Promise<void> {
    const stats = statsOf(path)
    if (stats === undefined) return
    const isFolder = stats.isDirectory()
    const chosen = this.#choice.choose(textOfName(Buffer.from(name, 'latin1')), isFolder)
    const entry = this.#entryOf(path, name, stats, chosen === 'take')
    if (chosen === 'take' && entry !== undefined) {
      this.entries.push(...this.#waiting.splice(0), entry)
      if (entry[1] === 'file' && entry[5] === '') this.#fresh.set(this.entries.length - 1, path)
    }
    if (!isFolder || chosen === 'prune' || entry === undefined) return
    if (chosen === 'skip') this.#waiting.push(entry)
    await this.below(path, `${name}/`)
    if (this.#waiting.at(-1) === entry) this.#waiting.pop()
  }

  #entryOf(path: Buffer, name: string, stats: BigIntStats, isTaken: boolean): BuildContextEntry | undefined {
    const mode = Number(stats.mode) & 0o7777
    const mtime = seconds(stats)
    if (stats.isDirectory()) return [name, 'folder', mode, mtime, 0, '', '']
    if (stats.isFile()) {
      const first = isTaken ? this.#names.linkOf(stats, name) : undefined
      if (first !== undefined) return [name, 'link', mode, mtime, 0, '', first]
      return [name, 'file', mode, mtime, Number(stats.size), this.#stampOf(stats), '']
    }
    const special = specialType(stats)
    if (special !== undefined) return [name, special, mode, mtime, 0, '', deviceText(special, stats)]
    if (!stats.isSymbolicLink()) return undefined
    return [
      name,
      'symlink',
      mode,
      mtime,
      0,
      '',
      readlinkSync(path, { encoding: 'buffer' }).toString('latin1'),
    ]
  }

  #stampOf({ dev, ino, size, mtimeNs, ctimeNs, ctimeMs }: BigIntStats): string {
    if (Number(ctimeMs) > this.#begun - COARSE_MS) return ''
    return [dev, ino, size, mtimeNs, ctimeNs].map(number => number.toString(36)).join('.')
  }
}

const SLASH = Buffer.from('/')

/** `major:minor` of a device. */
function deviceText(type: 'fifo' | 'char' | 'block', { rdev }: BigIntStats): string {
  if (type === 'fifo') return ''
  const { devMajor, devMinor } = deviceOf(Number(rdev))
  return `${devMajor}:${devMinor}`
}

function listed(folder: Buffer): readonly Buffer[] {
  try {
    return readdirSync(folder, { encoding: 'buffer' }).sort(Buffer.compare)
  } catch (error) {
    throw unreadable(folder, error)
  }
}

/** What is gone before it was looked at was never there. */
function statsOf(path: Buffer): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw unreadable(path, error)
  }
}

function seconds({ mtimeNs }: BigIntStats): number {
  return Number(mtimeNs / 1_000_000_000n)
}
