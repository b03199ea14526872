import { credentialsForImage, type RegistryCredentials } from '../../oci/credentials.ts'
import { splitDomain, splitReference } from '../../oci/reference.ts'

/** Credentials for the registries of images, each looked up once: they may be kept by a program that takes a while. */
export function credentialsOnce(): (image: string) => Promise<RegistryCredentials | undefined> {
  const known = new Map<string, Promise<RegistryCredentials | undefined>>()
  return image => {
    const { domain } = splitDomain(splitReference(image).name)
    const found = known.get(domain) ?? credentialsForImage(image)
    known.set(domain, found)
    return found
  }
}
