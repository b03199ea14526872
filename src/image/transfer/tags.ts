import type { CredentialSource } from '../../oci/credentials.ts'
import type { Reference } from '../../oci/reference.ts'

/** The tags that a repository has in its registry; raises what a pull raises. */
export async function tagsInRegistry(
  reference: Reference,
  credentials: CredentialSource,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { RegistryClient } = await import('../registry/index.ts')
  return new RegistryClient({ credentials, signal }).tags(reference)
}
