import { posix } from 'node:path'
import { digestOf } from '../../../oci/digest-of.ts'
import { isTarStart, readTar, type TarEntry } from '../../../tar/index.ts'
import type { Predicate } from '../../attestations/predicate.ts'
import type { ImageConfig } from '../../config.ts'
import { layerOf } from '../../layer/unpacker.ts'
import type { Progress } from '../../progress.ts'
import type { ManifestContent } from '../../registry/index.ts'
import type { LayerDraft, LayerInfo } from '../../store/layers.ts'
import type { StoreLease } from '../../store/lease.ts'
import { invalid } from './invalid.ts'

/** Configs and manifests are text: larger ones are an attack. */
const MAX_TEXT = 8 * 1024 * 1024
const MAX_TEXTS = 64 * 1024 * 1024
const BLOB = /^blobs\/sha256\/([a-f0-9]{64})$/
const SNIFFED = 512
const SHORT = 12
/** Bytes between two lines of progress. */
const TOLD = 2 * 1024 * 1024

/** A layer of an archive: unpacked, or one that the store has already. */
export interface ArchiveLayer {
  readonly diffId: string
  /** Absent: the store has it. */
  readonly made?: { readonly draft: LayerDraft; readonly info: LayerInfo }
}

/** An image of an archive, whose parts are there and fit together. */
export interface ArchiveImage {
  readonly config: ImageConfig
  readonly bytes: Uint8Array
  readonly layers: readonly ArchiveLayer[]
  /** Full references. */
  readonly tags: readonly string[]
  /** What it came with, and what is said of it. */
  readonly manifests: readonly ManifestContent[]
  /** What is said of it, where the archive's manifests are not kept. */
  readonly predicates: readonly Predicate[]
  /** For other platforms, under the same tags. */
  readonly others: readonly ArchiveImage[]
}

/** What reading an archive works with. */
export interface ArchiveWork {
  readonly lease: StoreLease
  readonly onProgress: (progress: Progress) => void
  readonly signal: AbortSignal
}

/**
 * What is in an archive of images, read once from its start to its end: texts are kept, layers are unpacked into drafts as
 * they pass, whatever it is that will be said of them at the end. Raises IMAGE_ARCHIVE_INVALID and what `readTar` and
 * `lease.unpack` raise.
 */
export class ArchiveFiles {
  readonly #work: ArchiveWork
  readonly #texts = new Map<string, Buffer>()
  readonly #layers = new Map<string, ArchiveLayer>()
  readonly #links = new Map<string, string>()
  readonly #sizes = new Map<string, number>()
  #textBytes = 0

  private constructor(work: ArchiveWork) {
    this.#work = work
  }

  static async read(source: AsyncIterable<Buffer>, work: ArchiveWork): Promise<ArchiveFiles> {
    const files = new ArchiveFiles(work)
    for await (const { entry, content } of readTar(source)) {
      work.signal.throwIfAborted()
      await files.#take(entry, content)
    }
    return files
  }

  /** A text by its name, also where the archive has a link; undefined when there is none. */
  text(name: string): Buffer | undefined {
    return this.#texts.get(this.#follow(name))
  }

  layer(name: string): ArchiveLayer | undefined {
    return this.#layers.get(this.#follow(name))
  }

  /** Bytes of a file as the archive has it; undefined when there is none. */
  size(name: string): number | undefined {
    return this.#sizes.get(this.#follow(name))
  }

  /** Archives of old have a layer once and links to it. */
  #follow(name: string): string {
    let path = posix.normalize(name)
    for (let followed = 0; followed < 10; followed += 1) {
      const target = this.#links.get(path)
      if (target === undefined) break
      path = target
    }
    return path
  }

  async #take(entry: TarEntry, content: AsyncIterable<Buffer>): Promise<void> {
    const { type, name, linkName } = entry
    if (type === 'symlink') this.#links.set(name, posix.join(posix.dirname(name), linkName))
    if (type === 'link') this.#links.set(name, linkName)
    if (type !== 'file' || entry.size === 0) return
    this.#sizes.set(name, entry.size)
    const hex = BLOB.exec(name)?.[1]
    if (hex !== undefined && (await this.#isKnown(name, `sha256:${hex}`))) return
    const { head, all } = await sniff(content)
    if (isTarStart(head)) await this.#takeLayer(entry, hex, all)
    else if (entry.size <= MAX_TEXT) await this.#takeText(entry, hex, all)
  }

  async #isKnown(name: string, diffId: string): Promise<boolean> {
    if ((await this.#work.lease.layerInfo(diffId)) === undefined) return false
    this.#layers.set(name, { diffId })
    return true
  }

  async #takeText(
    { name, size }: TarEntry,
    hex: string | undefined,
    all: AsyncIterable<Buffer>,
  ): Promise<void> {
    this.#textBytes += size
    if (this.#textBytes > MAX_TEXTS) throw invalid(`its texts have more than ${MAX_TEXTS} bytes`)
    const pieces: Buffer[] = []
    for await (const piece of all) pieces.push(piece)
    const bytes = Buffer.concat(pieces)
    if (hex !== undefined && digestOf(bytes) !== `sha256:${hex}`) throw wrongDigest(name)
    this.#texts.set(name, bytes)
  }

  async #takeLayer(
    { name, size }: TarEntry,
    hex: string | undefined,
    all: AsyncIterable<Buffer>,
  ): Promise<void> {
    const { lease, onProgress, signal } = this.#work
    const id = (hex ?? name).slice(0, SHORT)
    async function* bytes(): AsyncGenerator<Buffer> {
      let current = 0
      for await (const piece of all) {
        if (Math.floor(current / TOLD) < Math.floor((current + piece.length) / TOLD) || current === 0)
          onProgress({ id, status: 'Loading layer', current: current + piece.length, total: size })
        current += piece.length
        yield piece
      }
    }
    const draft = await lease.draft()
    const unpacked = await lease.unpack(bytes, draft, signal)
    // What unpacks may stop at the end of packed data: bytes behind it have not been seen.
    if (hex !== undefined && !(unpacked.isWhole && unpacked.packed === `sha256:${hex}`))
      throw wrongDigest(name)
    const info = layerOf(unpacked, `layer ${JSON.stringify(name)} of the archive`)
    await this.#layers.get(name)?.made?.draft.discard()
    this.#layers.set(name, { diffId: info.diffId, made: { draft, info } })
  }
}

/** Looks at the first bytes, fewer where there are no more; what is given back has them still. */
async function sniff(
  content: AsyncIterable<Buffer>,
): Promise<{ readonly head: Buffer; readonly all: AsyncIterable<Buffer> }> {
  const iterator = content[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (head.length < SNIFFED) {
    const next = await iterator.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield head
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  return { head, all: all() }
}

function wrongDigest(name: string): Error {
  return invalid(`${JSON.stringify(name)} does not have the bytes that its name says`)
}
