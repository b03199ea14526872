import { Failure, failure } from '../../../diagnostics/index.ts'
import { canonicalReference, parseReference } from '../../../oci/reference.ts'

/** IMAGE_ARCHIVE_INVALID: an archive that is no archive of images, or one that does not hold together. */
export function invalid(detail: string): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'IMAGE_ARCHIVE_INVALID',
    summary: `the archive of images cannot be loaded: ${detail}`,
  })
}

/** Work on what somebody else wrote: what is wrong with it is the archive's fault. */
export function asInvalid<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const [{ detail } = {}] = error.diagnostics
    throw invalid(detail === undefined ? error.message : `${error.message}: ${detail}`)
  }
}

/** The JSON of a text of an archive. */
export function parseText(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid(`"${name}" is no JSON`)
    throw error
  }
}

/** A tag of an archive in full. */
export function tagOf(text: string): string {
  const reference = asInvalid(() => parseReference(text))
  if (reference.digest !== undefined) throw invalid(`the tag "${text}" has a digest`)
  return canonicalReference(reference)
}
