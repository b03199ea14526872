import { Failure } from '../../diagnostics/index.ts'
import { hexOf, isDigest } from '../../oci/digest.ts'
import { formatPlatform } from '../../oci/platform.ts'
import { familiarName, parseReference, type Reference } from '../../oci/reference.ts'
import { imageUri, withoutLogin } from '../attestations/predicate.ts'
import type { ImageRecord } from '../record.ts'
import type { BuildRun } from './run-state.ts'

/** Notes an image that a build takes from; the digest is its registry's, and absent for one that is in none. */
export function noteImage(run: BuildRun, name: string, { os, architecture, repoDigests }: ImageRecord): void {
  const reference = referenceOf(name)
  if (reference === undefined) return
  const familiar = familiarName(reference)
  const uri = imageUri(
    familiar,
    reference.tag ?? reference.digest ?? 'latest',
    formatPlatform({ os, architecture }),
  )
  const pinned = repoDigests.find(each => each.startsWith(`${familiar}@`))?.slice(familiar.length + 1) ?? ''
  run.materials.set(uri, { uri, ...(isDigest(pinned) ? { digest: { sha256: hexOf(pinned) } } : {}) })
}

/** An image that is named by its id has no address. */
function referenceOf(name: string): Reference | undefined {
  try {
    return parseReference(name)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** Notes what a build takes from an address. */
export function noteMaterial(run: BuildRun, address: string, algorithm: string, hex: string): void {
  const uri = withoutLogin(address)
  run.materials.set(uri, { uri, digest: { [algorithm]: hex } })
}
