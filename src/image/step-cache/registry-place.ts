import type { CredentialSource } from '../../oci/credentials.ts'
import { familiarReference, parseReference } from '../../oci/reference.ts'
import type { Progress } from '../progress.ts'
import { RegistryClient, RegistryWriter } from '../registry/index.ts'
import type { StoreLease } from '../store/lease.ts'
import type { ImageStore } from '../store/types.ts'
import { download } from '../transfer/download.ts'
import { pushLayer } from '../transfer/push-layer.ts'
import type { CacheReader, CacheWriter } from './place.ts'

/** Reads a cache, or an image with one in it, from a registry. */
export function registryReader(
  text: string,
  options: { readonly credentials: CredentialSource; readonly signal: AbortSignal },
): CacheReader {
  const reference = parseReference(text)
  const { domain, path } = reference
  const registry = new RegistryClient(options)
  return {
    name: familiarReference(reference),
    repository: `${domain}/${path}`,
    manifest: inner =>
      inner === undefined
        ? registry.manifest(reference)
        : registry.manifest({ domain, path, digest: inner.digest }, inner.size),
    blob: (descriptor, limit) => registry.blob(reference, descriptor, limit),
    open: (descriptor, signal) => download(registry, reference, descriptor, { signal }),
  }
}

/** What a cache is written to a registry with. */
export interface RegistryWriting {
  readonly credentials: CredentialSource
  readonly signal: AbortSignal
  readonly store: Pick<ImageStore, 'layerTar' | 'packedBytes' | 'packedForms' | 'rememberPacked'>
  readonly lease: Pick<StoreLease, 'layerInfo'>
  readonly onProgress: (progress: Progress) => void
}

/** Writes a cache to a registry; layers that it has already are not sent. */
export function registryWriter(text: string, writing: RegistryWriting): CacheWriter {
  const reference = parseReference(text)
  const { credentials, signal, store, lease, onProgress } = writing
  const writer = new RegistryWriter({ credentials, signal })
  return {
    name: familiarReference(reference),
    layer: async diffId => {
      const { size = 0 } = (await lease.layerInfo(diffId)) ?? {}
      const packed = await pushLayer({ writer, store, reference, onProgress, signal }, { diffId, size })
      await store.rememberPacked(diffId, packed, `${reference.domain}/${reference.path}`)
      return packed
    },
    blob: async (descriptor, bytes) => {
      if (!(await writer.hasBlob(reference, descriptor.digest)))
        await writer.putBlob(reference, descriptor, bytes)
    },
    manifest: content => writer.putManifest(reference, content),
  }
}
