import { Failure, failure } from '../../diagnostics/index.ts'
import { isDigest } from '../../oci/digest.ts'
import { canonicalReference, parseReference } from '../../oci/reference.ts'
import type { References } from './references.ts'

const PREFIX = /^(?:sha256:)?([a-f0-9]{1,64})$/
const NO_ID = '-'

/** Finds the id that a name means, among references and ids. */
export type FindId = (
  name: string,
  references: ReadonlyMap<string, string>,
  ids: readonly string[],
) => string | undefined

/**
 * The id that a name means, in Docker's order: a whole id, a reference, a prefix of an id. Undefined when none does;
 * a prefix of several raises IMAGE_AMBIGUOUS.
 */
export const findImageId: FindId = (name, references, ids) =>
  findNamedId(name, references, ids) ?? (isDigest(name) ? undefined : findByPrefix(name, ids))

/** The id that a whole id or a reference means, whatever ids begin with that name. */
export const findNamedId: FindId = (name, references, ids) => {
  if (isDigest(name)) return ids.find(id => id === name)
  const key = referenceKey(name)
  const tagged = key === undefined ? undefined : references.get(key)
  return tagged !== undefined && ids.includes(tagged) ? tagged : undefined
}

/** Whether a name means an image, for one of its platforms or as what it means without one; a prefix of its id does, too. */
export function meansImage(name: string, imageId: string, { ids, others }: References): boolean {
  const key = isDigest(name) ? undefined : referenceKey(name)
  const tagged = key === undefined ? undefined : ids.get(key)
  if (key === undefined || tagged === undefined)
    return imageId.startsWith(`sha256:${PREFIX.exec(name)?.[1] ?? NO_ID}`)
  return tagged === imageId || (others.get(key) ?? []).includes(imageId)
}

/** The table's key of a name that is a reference; undefined when it cannot be one. */
export function referenceKey(name: string): string | undefined {
  try {
    const { domain, path, tag, digest } = parseReference(name)
    // Beside a digest a tag is a remark.
    return canonicalReference(
      digest === undefined ? { domain, path, ...(tag && { tag }) } : { domain, path, digest },
    )
  } catch (error) {
    if (error instanceof Failure && error.code === 'REFERENCE_INVALID') return undefined
    throw error
  }
}

function findByPrefix(name: string, ids: readonly string[]): string | undefined {
  const prefix = PREFIX.exec(name)?.[1]
  if (prefix === undefined) return undefined
  const found = ids.filter(id => id.startsWith(`sha256:${prefix}`))
  if (found.length <= 1) return found[0]
  throw failure({
    code: 'IMAGE_AMBIGUOUS',
    kind: 'invalidArgument',
    summary: `image id "${name}" is a prefix of ${found.length} images`,
    hint: 'give more digits',
  })
}
