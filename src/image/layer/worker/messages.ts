import { type Diagnostic, type ErrorKind, Failure, messageOf } from '../../../diagnostics/index.ts'
import type { LayerPlace } from '../apply.ts'
import type { LayerMeasure } from '../measure.ts'
import type { UnpackedLayer } from '../unpacker.ts'

/** What a worker is told; `job` tells layers apart. */
export type Order =
  | { readonly job: number; readonly kind: 'begin'; readonly place: LayerPlace }
  | { readonly job: number; readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly job: number; readonly kind: 'end' }
  /** Nothing more comes, and what was made is not wanted. */
  | { readonly job: number; readonly kind: 'abandon' }

/** What it says. */
export type Word =
  /** So many bytes are no longer in the queue. */
  | { readonly job: number; readonly kind: 'taken'; readonly length: number }
  | ({ readonly job: number; readonly kind: 'done' } & SentLayer)
  | { readonly job: number; readonly kind: 'failed'; readonly problem: Problem }

/** An `UnpackedLayer` on its way. */
export type SentLayer = Omit<UnpackedLayer, 'layer'> & { readonly layer: LayerMeasure | Problem }

/** An error that goes from one process to another, where it is one of its class again. */
export type Problem =
  | { readonly failure: ErrorKind; readonly diagnostics: readonly Diagnostic[] }
  | { readonly message: string; readonly stack: string | undefined }

/** Takes an error apart. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Failure) return { failure: error.kind, diagnostics: error.diagnostics }
  return { message: messageOf(error), stack: error instanceof Error ? error.stack : undefined }
}

/** Puts it together again. */
export function errorOf(problem: Problem): Error {
  if ('failure' in problem) return new Failure(problem.failure, problem.diagnostics)
  const error = new Error(problem.message)
  if (problem.stack !== undefined) error.stack = problem.stack
  return error
}

/** Makes a layer ready for its way. */
export function sentLayer({ layer, ...others }: UnpackedLayer): SentLayer {
  return { ...others, layer: layer instanceof Failure ? problemOf(layer) : layer }
}

/** What arrives of it. */
export function receivedLayer({ layer, packed, isWhole }: SentLayer): UnpackedLayer {
  if ('diffId' in layer) return { layer, packed, isWhole }
  const error = errorOf(layer)
  if (!(error instanceof Failure)) throw error
  return { layer: error, packed, isWhole }
}
