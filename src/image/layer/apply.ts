import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, rename, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { textOfName } from '../../linux/name-text.ts'
import { extractTar, type TarEntry, type TreeSink } from '../../tar/index.ts'
import { LayerEntries } from './entries.ts'
import { LayerNames } from './layer-names.ts'
import { highestIdOf, type LayerMeasure } from './measure.ts'
import { RecipeWriter, recipePaths } from './recipe.ts'
import type { TreeOperations } from './trees.ts'

/** Where a layer is made. */
export interface LayerPlace {
  /** An empty folder that will be a lower one of an overlay. */
  readonly upper: string
  /** What else belongs to the layer: its recipe, and files that lost their names. */
  readonly folder: string
}

/**
 * Unpacks a layer's tar, packed or not, and writes the recipe that makes the same tar again. What it comes to is measured on
 * the way; its `diffId` is the digest of all bytes of the tar, also of those behind its end. Raises LAYER_INVALID and what
 * `extractTar` raises; the place is then to be thrown away.
 */
export async function applyLayer(
  trees: TreeOperations,
  source: Readable,
  { upper, folder }: LayerPlace,
  signal?: AbortSignal,
): Promise<LayerMeasure> {
  const names = new LayerNames()
  const entries = new LayerEntries(names)
  const hash = createHash('sha256')
  const recipe = new RecipeWriter(recipePaths(folder).recipe)
  const recorder = new Recorder(recipe, names)
  let tarSize = 0
  let top: TarEntry | undefined
  try {
    await trees.unpack({ root: { type: 'folder', folder: upper }, path: '/' }, sink =>
      extractTar(source, sink, {
        select: entry => recorder.select(entries.select(entry), sink),
        onTop: entry => {
          // Whatever else calls itself the top is not.
          if (entry.type === 'folder') top = entry
        },
        onBytes: bytes => {
          hash.update(bytes)
          tarSize += bytes.length
        },
        onFrame: bytes => recipe.bytes(bytes),
        onContent: bytes => recorder.content(bytes),
        ready: () => recipe.ready(),
        ...(signal === undefined ? {} : { signal }),
      }),
    )
    await recipe.finish()
  } catch (error) {
    await recipe.abandon()
    throw error
  }
  await recorder.moveKept(upper, recipePaths(folder).kept)
  if (top !== undefined) await finishTop(upper, top)
  const opaque = entries.opaque.map(name => textOfName(Buffer.from(name, 'latin1')))
  const { size, count, highest } = entries
  const diffId = `sha256:${hash.digest('hex')}`
  return { diffId, size, tarSize, entries: count, opaque, ...highestIdOf(highest) }
}

/** The attributes of the layer's top, last: what is put into it changes its time. */
async function finishTop(folder: string, { uid, gid, mode, mtime }: TarEntry): Promise<void> {
  await chown(folder, uid, gid)
  await chmod(folder, mode)
  await utimes(folder, mtime, mtime)
}

/** Tells the recipe where the content of each file lies, and keeps that of files whose names are taken by later entries. */
class Recorder {
  readonly #recipe: RecipeWriter
  readonly #names: LayerNames
  /** A name that no layer can know, so that none can meddle. */
  readonly #keptName = `.kept-${randomBytes(16).toString('hex')}`
  #hasKept = false
  #isPlaced = false

  constructor(recipe: RecipeWriter, names: LayerNames) {
    this.#recipe = recipe
    this.#names = names
  }

  select(entry: TarEntry | undefined, sink: TreeSink): TarEntry | undefined {
    this.#isPlaced = false
    if (entry === undefined) return undefined
    const { path, number, lost } = this.#names.place(entry)
    for (const file of lost) {
      this.#hasKept = true
      const name = `${this.#keptName}/${file.number}`
      sink.entry({ ...file.entry, type: 'link', name, linkName: file.path, size: 0 })
    }
    if (entry.type === 'file') {
      this.#isPlaced = true
      if (entry.size > 0) this.#recipe.file(number, path, entry.size)
    }
    return entry
  }

  /** What became no file has its content in the recipe. */
  content(bytes: Buffer): void {
    if (!this.#isPlaced) this.#recipe.bytes(bytes)
  }

  async moveKept(upper: string, kept: string): Promise<void> {
    if (this.#hasKept) await rename(join(upper, this.#keptName), kept)
  }
}
