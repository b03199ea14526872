import type { CredentialSource } from '../../oci/credentials.ts'
import { parseManifest } from '../../oci/manifest.ts'
import type { Platform } from '../../oci/platform.ts'
import type { Reference } from '../../oci/reference.ts'
import { parseImageConfig } from '../config.ts'

/** What a registry has for a name: a manifest or an index, and what that is for. */
export interface InRegistry {
  readonly mediaType: string
  readonly digest: string
  /** Bytes of the manifest. */
  readonly size: number
  readonly platforms: readonly Platform[]
}

/** A config is text: larger ones are an attack. */
const MAX_CONFIG = 8 * 1024 * 1024

/** Asks a registry what it has for a name, and fetches no layer; raises what a pull raises. */
export async function inRegistry(
  reference: Reference,
  credentials: CredentialSource,
  signal: AbortSignal,
): Promise<InRegistry> {
  const { RegistryClient } = await import('../registry/index.ts')
  const registry = new RegistryClient({ credentials, signal })
  const { mediaType, digest, bytes } = await registry.manifest(reference)
  const manifest = parseManifest(bytes, mediaType)
  const found = { mediaType, digest, size: bytes.length }
  if (manifest.kind === 'index') {
    const platforms = manifest.manifests.flatMap(({ platform }) => (platform === undefined ? [] : [platform]))
    return { ...found, platforms }
  }
  const { os, architecture } = parseImageConfig(await registry.blob(reference, manifest.config, MAX_CONFIG))
  return { ...found, platforms: [{ os, architecture }] }
}
