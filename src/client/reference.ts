/** The query of a pull: a digest travels as the tag; without either `latest`, for no tag at all means every one. */
export function pullQuery(reference: string): { readonly fromImage: string; readonly tag: string } {
  const at = reference.indexOf('@')
  if (at >= 0) return { fromImage: reference.slice(0, at), tag: reference.slice(at + 1) }
  // A colon before the last slash belongs to the registry's port.
  const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1)
  if (colon < 0) return { fromImage: reference, tag: 'latest' }
  return { fromImage: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}
