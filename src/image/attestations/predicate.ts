/** What is said of an image: a predicate of the in-toto framework, https://github.com/in-toto/attestation. */
export interface Predicate {
  /** A URI. */
  readonly type: string
  /** JSON. */
  readonly bytes: Uint8Array
}

/** SLSA's provenance, https://slsa.dev/spec/v1.0/provenance. */
export const PROVENANCE = 'https://slsa.dev/provenance/v1'
/** A list of what is in the image, in the form of SPDX 2.3. */
export const SPDX = 'https://spdx.dev/Document'

/** What an image was made of, as a resource of SLSA's provenance. */
export interface Material {
  readonly uri: string
  /** Algorithm → hex. */
  readonly digest?: Readonly<Record<string, string>>
}

/** An image by the package URL that BuildKit gives it: `pkg:docker/team/app@1?platform=linux%2Famd64`. */
export function imageUri(name: string, version: string, platform: string): string {
  return `pkg:docker/${name}@${version}?platform=${encodeURIComponent(platform)}`
}

/** An address without who asked there. */
export function withoutLogin(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
}
