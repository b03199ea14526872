import { splitReference } from '../oci/reference.ts'

/** The query of a pull: a digest travels as the tag; without either `latest`, for no tag at all means every one. */
export function pullQuery(reference: string): { readonly fromImage: string; readonly tag: string } {
  const at = reference.indexOf('@')
  if (at >= 0) return { fromImage: reference.slice(0, at), tag: reference.slice(at + 1) }
  const { name, tag = 'latest' } = splitReference(reference)
  return { fromImage: name, tag }
}
