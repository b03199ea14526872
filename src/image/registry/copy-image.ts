import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '../../diagnostics/index.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { parseManifest } from '../../oci/manifest.ts'
import type { Reference } from '../../oci/reference.ts'
import { wrongAnswer } from './answer.ts'
import type { RegistryClient } from './client.ts'
import { growingPause } from './wire/patience.ts'
import type { RegistryWriter, UploadAddress } from './writer.ts'

/** Uploads of one blob before the copy is given up. */
const ATTEMPTS = 4
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 10_000

/** A copy from one repository into another, of the same registry or of two. */
export interface ImageCopy {
  readonly client: Pick<RegistryClient, 'manifest' | 'open'>
  readonly writer: Pick<
    RegistryWriter,
    'hasBlob' | 'mountBlob' | 'beginUpload' | 'sendBytes' | 'finish' | 'putManifest'
  >
  readonly from: Reference
  /** Its tag plays no part: what is copied is there by its digest. */
  readonly to: Reference
}

/**
 * Copies an image, all platforms of one that has several, byte for byte, without keeping it here. What the other repository has
 * stays. `size`: what the index that names it says of its manifest. Errors: those of both registries, UPLOAD_BROKEN, MANIFEST_INVALID.
 */
export async function copyImage(copy: ImageCopy, size?: number): Promise<Descriptor> {
  const { client, writer, from, to } = copy
  const content = await client.manifest(from, size)
  const { digest, mediaType, bytes } = content
  const manifest = parseManifest(bytes, mediaType)
  // What a manifest names has to be there before it.
  if (manifest.kind === 'index')
    for (const each of manifest.manifests)
      await copyImage({ ...copy, from: { ...from, digest: each.digest } }, each.size)
  else for (const blob of [manifest.config, ...manifest.layers]) await copyBlob(copy, blob)
  await writer.putManifest({ domain: to.domain, path: to.path }, content)
  return { mediaType, digest, size: bytes.length }
}

async function copyBlob(copy: ImageCopy, blob: Descriptor): Promise<void> {
  const { digest } = blob
  const { writer, from, to } = copy
  if (await writer.hasBlob(to, digest)) return
  const mounted = from.domain === to.domain ? await writer.mountBlob(to, digest, from.path) : undefined
  if (mounted === 'mounted') return
  let address = mounted
  for (let attempt = 1; ; attempt++) {
    try {
      await upload(copy, blob, address ?? (await writer.beginUpload(to)))
      return
    } catch (error) {
      const isBroken = error instanceof Failure && error.code === 'UPLOAD_BROKEN'
      if (!isBroken || attempt >= ATTEMPTS) throw error
      address = undefined
      await wait(growingPause(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS))
    }
  }
}

/** The registry compares what it has got with the digest, which says nothing of the size that its manifest tells. */
async function upload(
  { client, writer, from, to }: ImageCopy,
  { digest, size }: Descriptor,
  begun: UploadAddress,
): Promise<void> {
  let sentBytes = 0
  const sent = await writer.sendBytes(to, begun, async function* () {
    sentBytes = 0
    for await (const piece of (await client.open(from, digest, 0)).bytes) {
      sentBytes += piece.length
      yield piece
    }
  })
  if (sentBytes !== size)
    throw wrongAnswer(from, `${digest} has ${sentBytes} bytes, its descriptor says ${size}`)
  await writer.finish(to, sent, digest)
}
