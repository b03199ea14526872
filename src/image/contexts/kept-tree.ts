import { createHash, type Hash, randomBytes } from 'node:crypto'
import { lstat, mkdir, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { errnoOf } from '../../diagnostics/index.ts'
import { removeTree } from '../../native/index.ts'
import { extractTar, plainEntry, type TarEntry, type TreeSink } from '../../tar/index.ts'
import type { TreeOperations } from '../layer/trees.ts'
import { type Difference, differenceOf, isNothing, parentOf } from './difference.ts'
import { type KeptEntry, type KeptIndex, readIndex, writeIndex } from './kept-index.ts'
import { type ContextEntry, type ContextManifest, gone, invalid } from './manifest.ts'

/** Where the files of a kept tree lie. */
export function filesOf(folder: string): string {
  return join(folder, 'fs')
}

/** The index of what lies in a folder; of nothing when that cannot be trusted, which then goes. */
async function openTree(folder: string): Promise<KeptIndex> {
  const index = await readIndex(folder)
  if (index !== undefined) return index
  await removeTree(folder)
  await mkdir(folder, { mode: 0o700 })
  await mkdir(filesOf(folder), { mode: 0o755 })
  const empty: KeptIndex = { generation: newGeneration(), entries: [], unsure: [] }
  // It may be all that is wanted.
  await writeIndex(folder, empty)
  return empty
}

/**
 * Makes a kept tree what a manifest says, with the content of changed files from a tar. Whatever ends it, and when: the index
 * on disk names what was being changed, so that nothing of it is ever taken for what it was. Raises CONTEXT_INVALID, CONTEXT_GONE.
 */
export async function changeTree(
  trees: TreeOperations,
  folder: string,
  manifest: ContextManifest,
  content: { readonly tar: Readable; readonly signal: AbortSignal },
): Promise<KeptIndex> {
  const index = await openTree(folder)
  const difference = differenceOf(index, manifest)
  if (isNothing(difference) && index.unsure.length === 0) return index
  await writeIndex(folder, {
    generation: newGeneration(),
    entries: [...difference.same.values()],
    unsure: [...index.unsure, ...difference.gone, ...difference.changed.map(({ name }) => name)],
  })
  for (const name of difference.gone) await removeInside(filesOf(folder), name)
  const digests = await unpackChanged(trees, filesOf(folder), difference, content)
  await utimes(filesOf(folder), manifest.mtime, manifest.mtime)
  const entries = manifest.entries.map((entry): KeptEntry => {
    const digest = difference.same.get(entry.name)?.digest ?? digests.get(entry.name) ?? ''
    return { ...entry, digest }
  })
  const changed: KeptIndex = { generation: newGeneration(), entries, unsure: [] }
  await writeIndex(folder, changed)
  return changed
}

function newGeneration(): string {
  return randomBytes(8).toString('hex')
}

/** Removes what has a name, unless a part of the way there is no folder: then nothing of ours has that name. */
async function removeInside(files: string, name: string): Promise<void> {
  const at = (inside: string): Buffer =>
    Buffer.concat([Buffer.from(`${files}/`), Buffer.from(inside, 'latin1')])
  for (let above = parentOf(name); above !== ''; above = parentOf(above)) {
    if (!(await isFolder(at(above)))) return
  }
  await rm(at(name), { recursive: true, force: true })
}

async function isFolder(path: Buffer): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false
    throw error
  }
}

/** Makes the changed entries: folders and links by what the manifest says, files as they come; their digests. */
async function unpackChanged(
  trees: TreeOperations,
  files: string,
  { changed }: Difference,
  { tar, signal }: { readonly tar: Readable; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  const missing = new Map(changed.flatMap(entry => (entry.type === 'file' ? [[entry.name, entry]] : [])))
  const digests = new Map<string, string>()
  await trees.unpack({ root: { type: 'folder', folder: files }, path: '/' }, async sink => {
    const others = changed.filter(({ type }) => type !== 'file' && type !== 'link').map(tarEntryOf)
    await makeAll(sink, others)
    const select = (entry: TarEntry): TarEntry => {
      const wanted = missing.get(entry.name)
      if (wanted === undefined || entry.type !== 'file' || entry.size !== wanted.size)
        throw invalid(`"${entry.name}" came, which is not what was asked for`)
      missing.delete(entry.name)
      return tarEntryOf(wanted)
    }
    await extractTar(tar, new HashingSink(sink, digests), { select, signal })
    // They were there when the sender asked.
    if (missing.size > 0) throw gone()
    await makeAll(sink, changed.filter(({ type }) => type === 'link').map(tarEntryOf))
    for (const entry of others.reverse()) if (entry.type === 'folder') sink.folderTime(entry)
    await sink.ready()
  })
  return digests
}

const TOGETHER = 1000

async function makeAll(sink: TreeSink, entries: readonly TarEntry[]): Promise<void> {
  for (const [at, entry] of entries.entries()) {
    sink.entry(entry)
    if (at % TOGETHER === TOGETHER - 1) await sink.ready()
  }
}

function tarEntryOf({ name, type, mode, mtime, size, link }: ContextEntry): TarEntry {
  if (type !== 'char' && type !== 'block')
    return plainEntry({ type, name, mode, mtime, size, linkName: link })
  const [devMajor = 0, devMinor = 0] = link.split(':').map(Number)
  return plainEntry({ type, name, mode, mtime, devMajor, devMinor })
}

/** Passes all on, and knows the digest of each file. */
class HashingSink implements TreeSink {
  readonly #sink: TreeSink
  readonly #digests: Map<string, string>
  #name = ''
  #left = 0
  #hash: Hash | undefined

  constructor(sink: TreeSink, digests: Map<string, string>) {
    this.#sink = sink
    this.#digests = digests
  }

  entry(entry: TarEntry): void {
    this.#sink.entry(entry)
    this.#name = entry.name
    this.#left = entry.size
    this.#hash = createHash('sha256')
    this.#finish()
  }

  data(chunk: Uint8Array): void {
    this.#sink.data(chunk)
    this.#hash?.update(chunk)
    this.#left -= chunk.length
    this.#finish()
  }

  folderTime(entry: Parameters<TreeSink['folderTime']>[0]): void {
    this.#sink.folderTime(entry)
  }

  ready(): Promise<void> {
    return this.#sink.ready()
  }

  #finish(): void {
    if (this.#left === 0 && this.#hash !== undefined) this.#digests.set(this.#name, this.#hash.digest('hex'))
  }
}
