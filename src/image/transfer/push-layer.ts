import { createHash } from 'node:crypto'
import { pipeline, Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { Failure, failure } from '../../diagnostics/index.ts'
import { OCI_LAYER } from '../../oci/media-types.ts'
import type { Reference } from '../../oci/reference.ts'
import type { Progress } from '../progress.ts'
import { growingPause, type RegistryWriter, type UploadAddress } from '../registry/index.ts'
import type { PackedForm, PackedLayer } from '../store/packed.ts'
import type { ImageStore } from '../store/types.ts'

/** Uploads of one layer before the push is given up. */
const ATTEMPTS = 4
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 10_000
const PROGRESS_MS = 100
/** Forms that a repository is asked for before a layer is packed: each costs a request. */
const ASKED_FORMS = 4

/** What the layers of one push have in common. */
export interface LayerPush {
  readonly writer: Pick<RegistryWriter, 'hasBlob' | 'mountBlob' | 'beginUpload' | 'sendBytes' | 'finish'>
  readonly store: Pick<ImageStore, 'layerTar' | 'packedBytes' | 'packedForms'>
  readonly reference: Reference
  readonly onProgress: (progress: Progress) => void
  readonly signal: AbortSignal
}

/** A layer that is to be where the push goes. */
export interface LayerToPush {
  readonly diffId: string
  /** Bytes of its files, for the progress. */
  readonly size: number
  /** How the manifest that the image came with has it. */
  readonly wanted?: PackedLayer
  /** A form whose bytes the store has still. */
  readonly kept?: PackedLayer
}

/**
 * Sees to it that a repository has a layer: it has it in a form that is known, takes it from another repository of the registry, or
 * gets it, packed while it is sent. How it has it.
 */
export async function pushLayer(push: LayerPush, layer: LayerToPush): Promise<PackedLayer> {
  const { writer, store, reference, onProgress } = push
  const { diffId, wanted } = layer
  const id = shortOf(diffId)
  onProgress({ id, status: 'Preparing' })
  const known = await store.packedForms(diffId)
  const forms = [
    ...(wanted === undefined ? [] : [wanted]),
    ...known.filter(each => each.digest !== wanted?.digest),
  ]
  for (const form of forms.slice(0, ASKED_FORMS)) {
    if (!(await writer.hasBlob(reference, form.digest))) continue
    onProgress({ id, status: 'Layer already exists' })
    return form
  }
  const mounted = await mount(push, known, id)
  if (mounted !== undefined && !(mounted instanceof URL)) return mounted
  const kept = forms.find(({ digest }) => store.packedBytes(diffId, digest) !== undefined)
  const sent = await upload(push, kept === undefined ? layer : { ...layer, kept }, mounted)
  onProgress({ id, status: 'Pushed' })
  return sent
}

/** A form that another repository of the registry has; or where the registry will rather have the bytes. */
async function mount(
  { writer, reference, onProgress }: LayerPush,
  known: readonly PackedForm[],
  id: string,
): Promise<PackedLayer | UploadAddress | undefined> {
  for (const form of known) {
    const from = form.repositories
      .filter(each => each.startsWith(`${reference.domain}/`))
      .map(each => each.slice(reference.domain.length + 1))
      .find(path => path !== reference.path)
    if (from === undefined) continue
    const answer = await writer.mountBlob(reference, form.digest, from).catch(unreadable)
    if (answer !== 'mounted') return answer
    onProgress({ id, status: `Mounted from ${from}` })
    return form
  }
  return undefined
}

/** Who may not read the other repository sends the bytes, if he may write here. */
function unreadable(error: unknown): undefined {
  if (error instanceof Failure && error.code === 'REGISTRY_UNAUTHORIZED') return undefined
  throw error
}

async function upload(
  push: LayerPush,
  layer: LayerToPush,
  begun: UploadAddress | undefined,
): Promise<PackedLayer> {
  const { writer, reference, signal } = push
  let address = begun
  for (let attempt = 1; ; attempt += 1) {
    address ??= await writer.beginUpload(reference)
    const sending = new Sending(push, layer)
    try {
      const end = await writer.sendBytes(reference, address, () => sending.bytes())
      const { digest } = sending.packed
      await writer.finish(reference, end, digest)
      return sending.packed
    } catch (error) {
      // What is wrong here is no better the next time.
      if (sending.problem !== undefined) throw sending.problem
      if (!isPassing(error) || attempt >= ATTEMPTS || signal.aborted) throw error
      address = undefined
      await wait(growingPause(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), undefined, { signal })
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof Failure && ['UPLOAD_BROKEN', 'REGISTRY_UNREACHABLE'].includes(error.code)
}

/** One attempt to send a layer. */
class Sending {
  /** What went wrong on this side: the layer is not what it was. */
  problem: unknown
  readonly #push: LayerPush
  readonly #layer: LayerToPush
  #packed: PackedLayer | undefined

  constructor(push: LayerPush, layer: LayerToPush) {
    this.#push = push
    this.#layer = layer
  }

  /** What was sent, when all was. */
  get packed(): PackedLayer {
    if (this.#packed === undefined) throw this.problem ?? new Error('not all bytes were sent')
    return this.#packed
  }

  /** The packed bytes, made as they are asked for; plain where the manifest that is to be pushed has the layer so. */
  async *bytes(): AsyncGenerator<Buffer> {
    const { kept } = this.#layer
    const isPlain = this.#layer.wanted?.digest === this.#layer.diffId
    const hash = createHash('sha256')
    let size = 0
    this.#packed = undefined
    try {
      for await (const piece of this.#kept() ?? (isPlain ? this.#tar() : packed(this.#tar()))) {
        hash.update(piece)
        size += piece.length
        yield piece
      }
    } catch (error) {
      this.problem = error
      throw error
    }
    const mediaType = kept?.mediaType ?? (isPlain ? OCI_LAYER.tar : OCI_LAYER.gzip)
    const digest = `sha256:${hash.digest('hex')}`
    if (kept !== undefined && digest !== kept.digest) throw this.#fail(notAsKept(kept, digest))
    this.#packed = { mediaType, digest, size }
  }

  #fail(problem: Error): Error {
    this.problem = problem
    return problem
  }

  #kept(): AsyncIterable<Buffer> | undefined {
    const { diffId, kept } = this.#layer
    const bytes = kept && this.#push.store.packedBytes(diffId, kept.digest)
    return kept && bytes && this.#told(bytes, kept.size)
  }

  #tar(): AsyncIterable<Buffer> {
    const { diffId, size } = this.#layer
    return this.#told(this.#push.store.layerTar(diffId), size)
  }

  /** Tells how far it is. */
  async *#told(bytes: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
    const { onProgress } = this.#push
    const id = shortOf(this.#layer.diffId)
    let [current, told] = [0, Number.NEGATIVE_INFINITY]
    for await (const piece of bytes) {
      current += piece.length
      const now = performance.now()
      if (now - told > PROGRESS_MS) {
        told = now
        onProgress({ id, status: 'Pushing', current, total: Math.max(size, current) })
      }
      yield piece
    }
  }
}

function notAsKept({ digest: wanted }: PackedLayer, got: string): Error {
  return failure({
    code: 'LAYER_CHANGED',
    summary: 'the packed bytes that the image store keeps of a layer are not what their name says',
    detail: `they come to ${got}, want ${wanted}`,
    hint: 'remove the image and pull it again',
  })
}

async function* packed(tar: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gzip = createGzip()
  // Either end ends the other, with the reason; whoever reads is told by the reading.
  pipeline(Readable.from(tar, { objectMode: false }), gzip, () => undefined)
  yield* gzip as AsyncIterable<Buffer>
}

/** A layer as Docker's progress names it. */
function shortOf(diffId: string): string {
  return diffId.slice('sha256:'.length, 'sha256:'.length + 12)
}
