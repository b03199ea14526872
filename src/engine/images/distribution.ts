import type { AuthConfig, DistributionInspect } from '../../api/types/index.ts'
import { inRegistry } from '../../image/index.ts'
import { parseReference } from '../../oci/reference.ts'
import { unprompted } from './unprompted.ts'

/** What a registry has for a name, of which nothing is fetched but what says so. Raises what a pull raises. */
export async function inspectDistribution(
  name: string,
  auth: AuthConfig | undefined,
  signal: AbortSignal,
): Promise<DistributionInspect> {
  const reference = parseReference(name)
  // A mirror is somebody else.
  const credentials = async (domain: string): Promise<AuthConfig | undefined> =>
    domain === reference.domain ? auth : undefined
  const found = await inRegistry(reference, credentials, signal).catch((error: unknown) => {
    throw unprompted(error)
  })
  const { mediaType, digest, size, platforms } = found
  return { Descriptor: { mediaType, digest, size }, Platforms: platforms }
}
