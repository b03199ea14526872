import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { access, mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, Failure, failure } from '../../diagnostics/index.ts'
import { readIfThere, writeFileAtomic } from '../../linux/atomic-file.ts'
import { Mutex } from '../../linux/mutex.ts'
import { removeTree, treeSize } from '../../native/index.ts'
import { isDigest } from '../../oci/digest.ts'
import { changed, recipeTar } from '../layer/layer-tar.ts'
import { canonicalTar, type LayerMeasure, measureLayer } from '../layer/measure.ts'
import { Pieces } from '../layer/pieces.ts'
import { recipePaths } from '../layer/recipe.ts'
import { parseLayerRecord, renderLayerRecord } from './layer-record.ts'
import { layerFiles, layerFolder, type StoreLayout } from './layout.ts'
import { type PackedForm, type PackedLayer, parsePackedForms, withPacked } from './packed.ts'
import { blobsIn, keptBlob, piecesOf } from './packed-blobs.ts'
import { makeTempFolder } from './temp.ts'

/** What is known of a layer without reading it. */
export type LayerInfo = LayerMeasure

/** A layer in the making. `upper` is filled by an overlay mount, a copy or a bootstrap; then it is committed or discarded. */
export interface LayerDraft {
  /** Folder of the draft: room for whatever else the maker needs; all but the layer goes at the end. */
  readonly folder: string
  readonly upper: string
  /** Beside `upper`, for an overlay mount. */
  readonly work: string
  /** Gives the layer its name; undefined when nothing was changed. The draft is gone after it, whatever happened. */
  commit(): Promise<LayerInfo | undefined>
  /** The same for what was measured while it was unpacked, and may hold nothing. */
  commitAs(info: LayerInfo): Promise<void>
  /** Removes the draft; also after a commit. */
  discard(): Promise<void>
}

const VERSION = 1

/** The layers of a store. A layer, once named, never changes. */
export class LayerStore {
  readonly #layout: StoreLayout
  readonly #sync: (folder: string) => Promise<void>
  readonly #known = new Map<string, LayerInfo>()
  /** Layers that may be in memory alone. */
  readonly #unsettled = new Set<string>()
  readonly #diskSizes = new Map<string, number>()
  /** Held by what changes a file of packed forms. */
  readonly #packed = new Mutex()

  /** `sync` waits until the disk has all that was written to the filesystem of a folder. */
  constructor(layout: StoreLayout, sync: (folder: string) => Promise<void>) {
    this.#layout = layout
    this.#sync = sync
  }

  /** A new draft on the store's own filesystem, so that a commit is a rename. */
  async draft(): Promise<LayerDraft> {
    const folder = await makeTempFolder(this.#layout.temp)
    const upper = join(folder, 'upper')
    const work = join(folder, 'work')
    const discard = (): Promise<void> => removeTree(folder)
    try {
      for (const path of [upper, work]) mkdirSync(path, { mode: 0o700 })
      // The root of the merged tree takes the attributes of its uppermost layer.
      chmodSync(upper, 0o755)
    } catch (error) {
      await discard()
      throw error
    }
    const ending = async <T>(work: () => Promise<T>): Promise<T> => {
      try {
        return await work()
      } finally {
        // Most often little is left: its files have a place of their own now, or there were none.
        if (isEmptyOrGone(upper)) rmSync(folder, { recursive: true, force: true })
        else await discard()
      }
    }
    return {
      folder,
      upper,
      work,
      commit: () => ending(() => this.#measure(folder, upper)),
      commitAs: info => ending(() => this.#place(folder, upper, info)),
      discard,
    }
  }

  /** What is known of a layer; undefined when the store does not have it whole. */
  async info(diffId: string): Promise<LayerInfo | undefined> {
    const known = this.#known.get(diffId)
    if (known !== undefined) return known
    const text = await readIfThere(this.#recordPath(diffId))
    const record = text === undefined ? undefined : parseLayerRecord(text, diffId)
    if (record === undefined) return undefined
    if (!record.isSettled) this.#unsettled.add(diffId)
    this.#known.set(diffId, record.info)
    return record.info
  }

  /**
   * Waits until layers are on the disk, for what is to name them and last. One that was never waited for is there no more once the
   * machine has crashed: nobody could say what of it was written.
   */
  async settle(diffIds: readonly string[]): Promise<void> {
    const waiting = [...new Set(diffIds)].filter(diffId => this.#unsettled.has(diffId))
    if (waiting.length === 0) return
    await this.#sync(this.#layout.layers)
    for (const diffId of waiting) {
      const info = this.#known.get(diffId)
      if (info !== undefined)
        await writeFileAtomic(this.#recordPath(diffId), renderLayerRecord(info, true), { durable: false })
    }
    await this.#sync(this.#layout.layers)
    for (const diffId of waiting) this.#unsettled.delete(diffId)
  }

  /**
   * The folders of a stack given bottom first, top first as overlay wants them; never none. A layer that is in the stack
   * twice is given once, at its upper place, where its files and whiteouts have the last word: overlayfs refuses a folder
   * that it has already. Raises LAYER_MISSING.
   */
  async folders(diffIds: readonly string[]): Promise<readonly string[]> {
    for (const diffId of diffIds) {
      if ((await this.info(diffId)) === undefined) throw missing(diffId)
    }
    if (diffIds.length === 0) return [this.#layout.empty]
    return [...new Set(diffIds.toReversed())].map(diffId => layerFiles(this.#layout, diffId))
  }

  /** Reads a layer again: whether its files still have the digest that it is named after. */
  async isIntact(diffId: string): Promise<boolean> {
    if ((await this.info(diffId)) === undefined) return false
    try {
      const pieces = new Pieces()
      for await (const piece of this.tar(diffId, pieces)) pieces.giveBack(piece)
      return true
    } catch (error) {
      if (error instanceof Failure && error.code === 'LAYER_CHANGED') return false
      throw error
    }
  }

  /**
   * The exact tar of a layer, plain. That it has the digest `diffId` is known at its end alone: until then nothing may be
   * done with it that cannot be undone. `pieces`: where the caller gives back what he gets. Raises LAYER_MISSING, LAYER_CHANGED.
   */
  async *tar(diffId: string, pieces?: Pieces): AsyncGenerator<Buffer> {
    if ((await this.info(diffId)) === undefined) throw missing(diffId)
    const [folder, fs] = [layerFolder(this.#layout, diffId), layerFiles(this.#layout, diffId)]
    const hash = createHash('sha256')
    // A layer that was made here has its canonical form and no recipe.
    const bytes = (await isThere(recipePaths(folder).recipe))
      ? recipeTar(folder, fs, pieces)
      : canonicalTar(fs)
    for await (const piece of bytes) {
      hash.update(piece)
      yield piece
    }
    const got = `sha256:${hash.digest('hex')}`
    if (got !== diffId) throw changed(`it comes to ${got}, want ${diffId}`)
  }

  /** Bytes of that tar. */
  async tarSize(diffId: string): Promise<number> {
    const known = (await this.info(diffId))?.tarSize
    if (known !== undefined) return known
    let size = 0
    const pieces = new Pieces()
    for await (const piece of this.tar(diffId, pieces)) {
      size += piece.length
      pieces.giveBack(piece)
    }
    return size
  }

  /** The packed bytes of a layer, where they were kept. */
  packedBytes(diffId: string, digest: string): AsyncIterable<Buffer> | undefined {
    const path = keptBlob(layerFolder(this.#layout, diffId), digest)
    return existsSync(path) ? piecesOf(path) : undefined
  }

  /** How a layer is packed in registries, as far as it was seen. */
  async packedForms(diffId: string): Promise<readonly PackedForm[]> {
    return parsePackedForms(await readIfThere(this.#packedPath(diffId)))
  }

  /** Remembers that a repository has the layer packed like this. A layer that is not there is no reason to fail. */
  rememberPacked(diffId: string, packed: PackedLayer, repository: string): Promise<void> {
    return this.#packed.run(async () => {
      if ((await this.info(diffId)) === undefined) return
      const forms = withPacked(await this.packedForms(diffId), packed, repository)
      await writeFileAtomic(this.#packedPath(diffId), `${JSON.stringify({ version: VERSION, forms })}\n`)
    })
  }

  #recordPath(diffId: string): string {
    return join(layerFolder(this.#layout, diffId), 'layer.json')
  }

  #packedPath(diffId: string): string {
    return join(layerFolder(this.#layout, diffId), 'packed.json')
  }

  /** Bytes on disk of a layer with all that belongs to it. It is measured once: a layer never changes. */
  async diskSize(diffId: string): Promise<number> {
    const known = this.#diskSizes.get(diffId)
    if (known !== undefined) return known
    const size = await treeSize(layerFolder(this.#layout, diffId))
    this.#diskSizes.set(diffId, size)
    return size
  }

  /** All layers there are, whole or broken. */
  async list(): Promise<readonly string[]> {
    const names = await readdir(this.#layout.layers)
    return names.map(name => `sha256:${name}`).filter(isDigest)
  }

  /** Removes a layer: out of sight by a rename first, so that a kill in between leaves no half layer. */
  async remove(diffId: string): Promise<void> {
    this.#known.delete(diffId)
    this.#unsettled.delete(diffId)
    this.#diskSizes.delete(diffId)
    const grave = await makeTempFolder(this.#layout.temp)
    try {
      await rename(layerFolder(this.#layout, diffId), join(grave, 'layer'))
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
    }
    await removeTree(grave)
  }

  async #measure(folder: string, upper: string): Promise<LayerInfo | undefined> {
    // Most commands that change nothing need no reading.
    if (isEmptyOrGone(upper)) return undefined
    const info = await measureLayer(upper)
    if (info.entries === 0) return undefined
    await this.#place(folder, upper, info)
    return info
  }

  async #place(folder: string, upper: string, info: LayerInfo): Promise<void> {
    const layer = join(folder, 'layer')
    await mkdir(layer, { mode: 0o700 })
    await rename(upper, join(layer, 'fs'))
    // Nobody waits for the disk at each layer, see `settle`.
    await writeFileAtomic(join(layer, 'layer.json'), renderLayerRecord(info, false), { durable: false })
    const [from, to] = [recipePaths(folder), recipePaths(layer)]
    await renameIfThere(from.recipe, to.recipe)
    await renameIfThere(from.kept, to.kept)
    await renameIfThere(blobsIn(folder), blobsIn(layer))
    if (!(await this.#name(layer, info.diffId))) {
      // What a crash of the machine has left under that name is no layer.
      if ((await this.info(info.diffId)) !== undefined) return
      await this.remove(info.diffId)
      await this.#name(layer, info.diffId)
    }
    this.#unsettled.add(info.diffId)
    this.#known.set(info.diffId, info)
  }

  /** False where the name is taken: another build made the same layer first, and theirs is as good. */
  async #name(layer: string, diffId: string): Promise<boolean> {
    try {
      await rename(layer, layerFolder(this.#layout, diffId))
      return true
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST' && errnoOf(error) !== 'ENOTEMPTY') throw error
      return false
    }
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

function isEmptyOrGone(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return true
    throw error
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

function missing(diffId: string): Error {
  return failure({
    code: 'LAYER_MISSING',
    summary: `layer ${diffId} is missing in the image store`,
    hint: 'remove the image and build or fetch it again',
  })
}
