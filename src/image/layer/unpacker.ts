import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { Failure } from '../../diagnostics/index.ts'
import { applyLayer, type LayerPlace } from './apply.ts'
import type { LayerMeasure } from './measure.ts'
import type { TreeOperations } from './trees.ts'

/** A layer that was unpacked, and what it was unpacked from. */
export interface UnpackedLayer {
  /** What it came to, or why the bytes are no layer. */
  readonly layer: LayerMeasure | Failure
  /** Digest of the packed bytes that were read. */
  readonly packed: string
  /** False where bytes stand behind the end of the packed data, which nobody has read. */
  readonly isWhole: boolean
}

/**
 * Unpacks a layer's tar, packed or not, from bytes as they come: `open` is called once, and its signal ends it when nobody wants
 * more. Raises what the bytes and the disk raise. Bytes that are no layer are read to their end all the same, since their digest tells
 * who is to blame. When it has ended nothing writes to the place any more.
 */
export type LayerUnpacker = (
  open: (signal: AbortSignal) => AsyncIterable<Buffer>,
  place: LayerPlace,
  signal: AbortSignal,
) => Promise<UnpackedLayer>

/** Bytes that may wait between the network and the disk, a layer. */
export const QUEUE: number = 1024 * 1024

/** What unpacked bytes came to; `what` they are, for people. Raises why they are no layer. */
export function layerOf({ layer }: UnpackedLayer, what: string): LayerMeasure {
  if (layer instanceof Failure) throw notUnpacked(layer, what)
  return layer
}

/** A failure of what unpacks, which knows no images: says what it was that cannot be unpacked. */
export function notUnpacked(cause: Failure, what: string): Failure {
  const [first, ...others] = cause.diagnostics
  if (first === undefined) return cause
  const detail = [first.summary, first.detail].filter(line => line !== undefined).join('\n')
  return new Failure(
    cause.kind,
    [{ ...first, summary: `${what} cannot be unpacked`, detail }, ...others],
    cause,
  )
}

/** Unpacks on the caller's own thread. */
export function unpackHere(trees: TreeOperations): LayerUnpacker {
  return async (open, place, signal) => {
    const hash = createHash('sha256')
    let isWhole = false
    async function* bytes(): AsyncGenerator<Buffer> {
      for await (const chunk of open(signal)) {
        hash.update(chunk)
        yield chunk
      }
      isWhole = true
    }
    const source = Readable.from(bytes(), { objectMode: false, highWaterMark: QUEUE })
    try {
      const layer = await applyLayer(trees, source, place, signal).catch(async (error: unknown) => {
        if (!isOfTheBytes(error) || source.errored !== null) throw error
        if (!source.readableEnded) await finished(source.resume())
        return error
      })
      return { layer, packed: `sha256:${hash.digest('hex')}`, isWhole }
    } finally {
      source.destroy()
    }
  }
}

/** Not of the disk, the network or a missing tool. */
function isOfTheBytes(error: unknown): error is Failure {
  return error instanceof Failure && /^(?:TAR_(?!TOO_LARGE)|LAYER_INVALID)/.test(error.code)
}
