import { setTimeout as wait } from 'node:timers/promises'
import { Failure, failure, messageOf } from '../../diagnostics/index.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { familiarReference, type Reference } from '../../oci/reference.ts'
import { growingPause, type RegistryClient, wrongAnswer } from '../registry/index.ts'

/** Attempts in a row that bring nothing before a download is given up. */
const FRUITLESS = 6
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000

/** How a download is watched. */
export interface DownloadOptions {
  readonly signal: AbortSignal
  /** Told how many bytes have come. */
  readonly onBytes?: (current: number) => void
}

/**
 * The bytes of a blob as they come, as many as its descriptor says, each once and in order: what breaks off is asked for again
 * from where it broke. Whether they are the right ones tells the digest, which who reads compares. Raises REGISTRY_ANSWER for
 * more bytes, DOWNLOAD_FAILED when the connection broke again and again, and what the registry refuses.
 */
export async function* download(
  registry: Pick<RegistryClient, 'open'>,
  reference: Reference,
  { digest, size }: Descriptor,
  { signal, onBytes }: DownloadOptions,
): AsyncGenerator<Buffer> {
  let current = 0
  for (let fruitless = 0; current < size; ) {
    const before = current
    try {
      for await (const bytes of from(registry, reference, digest, current)) {
        signal.throwIfAborted()
        current += bytes.length
        if (current > size) throw wrongAnswer(reference, `${digest} is sent with more than its ${size} bytes`)
        onBytes?.(current)
        yield bytes
      }
      if (current < size) throw new Error('the registry ended it early')
    } catch (error) {
      // What the registry says in so many words will not change; a broken connection may.
      if (error instanceof Failure && error.code !== 'REGISTRY_UNREACHABLE') throw error
      signal.throwIfAborted()
      fruitless = current > before ? 0 : fruitless + 1
      if (fruitless >= FRUITLESS) throw failed(reference, digest, current, size, error)
      await wait(growingPause(fruitless, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), undefined, { signal })
    }
  }
}

/** The blob from a byte on, also where the registry knows no ranges and sends it from its start. */
async function* from(
  registry: Pick<RegistryClient, 'open'>,
  reference: Reference,
  digest: string,
  offset: number,
): AsyncGenerator<Buffer> {
  const { start, bytes } = await registry.open(reference, digest, offset)
  let known = offset - start
  for await (const chunk of bytes) {
    if (known < chunk.length) yield chunk.subarray(known)
    known = Math.max(0, known - chunk.length)
  }
}

function failed(reference: Reference, digest: string, current: number, size: number, cause: unknown): Error {
  return failure({
    kind: 'unavailable',
    code: 'DOWNLOAD_FAILED',
    summary: `the download of "${familiarReference(reference)}" breaks off again and again`,
    detail: `${digest}: ${current} of ${size} bytes came; ${messageOf(cause)}`,
    hint: 'what is whole is kept: pull again when the network is better',
    cause,
  })
}
