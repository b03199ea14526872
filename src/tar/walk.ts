import type { Stats } from 'node:fs'
import { lstat, readdir, readlink, stat } from 'node:fs/promises'
import { errnoOf } from '../diagnostics/index.ts'
import { textOfName } from '../linux/name-text.ts'
import { plainEntry, type TarEntry, type TarType } from './entry.ts'
import { unreadable } from './failure.ts'

/** An entry of a tree on disk. Paths are bytes: names need not be UTF-8. */
export interface WalkedEntry {
  readonly entry: TarEntry
  readonly path: Buffer
}

/** What a walk leaves out. */
export interface WalkChoice {
  /** `skip` leaves out the entry alone, `prune` what is beneath it as well; names as people write them. */
  readonly choose: (name: string, isFolder: boolean) => 'take' | 'skip' | 'prune'
  /** Further names of a file are links to its first one, and FIFOs and devices are there, as in Docker's contexts. */
  readonly special?: boolean
}

const SLASH = Buffer.from('/')
/** Looked at together: one after the other would wait for the disk each time. */
const TOGETHER = 64

/**
 * The entries beneath a folder, folders before what is in them, names sorted by their bytes. Sockets are left out, as Docker
 * does, and what is special where it is not asked for.
 */
export async function* walkFolder(folder: string, choice: WalkChoice): AsyncGenerator<WalkedEntry> {
  yield* below(Buffer.from(folder), '', { ...choice, names: new FileNames() })
}

/** First names of files that have several. */
export class FileNames {
  readonly #first = new Map<string, string>()

  /** The name that a file has already; undefined for its first. */
  linkOf(
    {
      nlink,
      dev,
      ino,
    }: { readonly nlink: number | bigint; readonly dev: number | bigint; readonly ino: number | bigint },
    name: string,
  ): string | undefined {
    if (nlink <= 1) return undefined
    const key = `${dev} ${ino}`
    const first = this.#first.get(key)
    if (first === undefined) this.#first.set(key, name)
    return first
  }
}

/** A walk under way. */
interface Walk extends WalkChoice {
  readonly names: FileNames
}

/** The entry of one path, under a name; undefined for a socket. `follow`: what a link leads to. Raises what stat(2) does. */
export async function entryAt(path: string, name: string, follow: boolean): Promise<TarEntry | undefined> {
  const stats = await (follow ? stat : lstat)(path)
  return specialEntry(name, Buffer.from(path), stats, new FileNames())
}

async function* below(folder: Buffer, prefix: string, choice: Walk): AsyncGenerator<WalkedEntry> {
  const listed = await readdir(folder, { encoding: 'buffer' }).catch((error: unknown) => {
    throw unreadable(folder, error)
  })
  const names = listed.sort(Buffer.compare)
  for (let at = 0; at < names.length; at += TOGETHER) {
    const found = names.slice(at, at + TOGETHER).map(async name => {
      const path = Buffer.concat([folder, SLASH, name])
      return { name: `${prefix}${name.toString('latin1')}`, path, stats: await statsOf(path) }
    })
    for (const { name, path, stats } of await Promise.all(found)) {
      if (stats === undefined) continue
      const chosen = choice.choose(textOfName(Buffer.from(name, 'latin1')), stats.isDirectory())
      if (chosen === 'take') {
        const entry = await (choice.special === true
          ? specialEntry(name, path, stats, choice.names)
          : entryOf(name, path, stats))
        if (entry !== undefined) yield { entry, path }
      }
      if (stats.isDirectory() && chosen !== 'prune') yield* below(path, `${name}/`, choice)
    }
  }
}

/** What is gone before it was looked at was never there. */
async function statsOf(path: Buffer): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw unreadable(path, error)
  }
}

async function specialEntry(
  name: string,
  path: Buffer,
  stats: Stats,
  names: FileNames,
): Promise<TarEntry | undefined> {
  const type = specialType(stats)
  const linkName = stats.isFile() ? names.linkOf(stats, name) : undefined
  if (type === undefined && linkName === undefined) return entryOf(name, path, stats)
  return plainEntry({
    type: type ?? 'link',
    name,
    linkName: linkName ?? '',
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    mtime: Math.floor(stats.mtimeMs / 1000),
    ...(type === undefined || type === 'fifo' ? {} : deviceOf(stats.rdev)),
  })
}

/** What is neither a file, a folder nor a link: by its kind; undefined for all else, sockets too. */
export function specialType(
  stats: Pick<Stats, 'isFIFO' | 'isCharacterDevice' | 'isBlockDevice'>,
): 'fifo' | 'char' | 'block' | undefined {
  if (stats.isFIFO()) return 'fifo'
  if (stats.isCharacterDevice()) return 'char'
  return stats.isBlockDevice() ? 'block' : undefined
}

/** The numbers of a device, from what stat(2) has for both (glibc's encoding). */
export function deviceOf(rdev: number): Pick<TarEntry, 'devMajor' | 'devMinor'> {
  const number = BigInt(rdev)
  const devMajor = Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn))
  return { devMajor, devMinor: Number((number & 0xffn) | ((number >> 12n) & ~0xffn & 0xffffffffn)) }
}

async function entryOf(name: string, path: Buffer, stats: Stats): Promise<TarEntry | undefined> {
  const type = typeOf(stats)
  if (type === undefined) return undefined
  return plainEntry({
    type,
    name: type === 'folder' ? `${name}/` : name,
    linkName: type === 'symlink' ? (await readlink(path, { encoding: 'buffer' })).toString('latin1') : '',
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    size: type === 'file' ? stats.size : 0,
    mtime: Math.floor(stats.mtimeMs / 1000),
  })
}

function typeOf(stats: Stats): TarType | undefined {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'folder'
  return stats.isSymbolicLink() ? 'symlink' : undefined
}
