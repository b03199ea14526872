import { failure } from '../../diagnostics/index.ts'
import { parseReference } from '../../oci/reference.ts'
import type { ImageUser } from './types.ts'

/** What a removal finds before it decides. */
export interface RemovalFacts {
  readonly name: string
  readonly imageId: string
  /** Full references of the image. */
  readonly references: readonly string[]
  /** The reference that `name` is, when it is one of the image's. */
  readonly reference: string | undefined
  readonly users: readonly ImageUser[]
  /** Whether another image was committed from it. */
  readonly hasChildren: boolean
  readonly force: boolean
}

/** What a removal will do. */
export interface RemovalPlan {
  /** Full references. */
  readonly untag: readonly string[]
  readonly deleteImage: boolean
}

const SHORT = 12

/**
 * Decides a removal by Docker's rules (moby, daemon/images/image_delete.go): a name is taken off, the last one takes the image
 * along; an id takes the image, but with several tags only by force. What a running container uses stays, by force without
 * its name; what a stopped one uses goes by force. What another was committed from loses its names alone. Raises IMAGE_IN_USE,
 * IMAGE_HAS_TAGS, IMAGE_HAS_CHILDREN.
 */
export function planRemoval(facts: RemovalFacts): RemovalPlan {
  return facts.reference === undefined ? planById(facts) : planByName(facts, facts.reference)
}

function planByName(facts: RemovalFacts, reference: string): RemovalPlan {
  const { references, users, hasChildren, force } = facts
  const [user] = users
  if (user !== undefined && !force && isSingle(references)) throw nameInUse(facts, user)
  const untag = [reference, ...orphanedDigests(references, reference)]
  const isLast = references.every(each => untag.includes(each))
  return { untag, deleteImage: isLast && !hasChildren && !users.some(({ running }) => running) }
}

function planById(facts: RemovalFacts): RemovalPlan {
  const { references, users, force } = facts
  if (facts.hasChildren) throw hasChildren(facts)
  const running = users.find(user => user.running)
  if (running !== undefined) throw inUse(facts, running)
  if (!force && !isSingle(references)) throw hasTags(facts)
  const [user] = users
  if (user !== undefined && !force) throw inUse(facts, user)
  return { untag: references, deleteImage: true }
}

/** One tag at most, and digests of its repository alone. */
function isSingle(references: readonly string[]): boolean {
  const parsed = references.map(parseReference)
  const repositories = new Set(parsed.map(({ domain, path }) => `${domain}/${path}`))
  return repositories.size <= 1 && parsed.filter(({ digest }) => digest === undefined).length <= 1
}

/** The digests of a repository go with its last tag. */
function orphanedDigests(references: readonly string[], removed: string): readonly string[] {
  const { domain, path, digest } = parseReference(removed)
  if (digest !== undefined) return []
  const others = references.filter(each => {
    const other = parseReference(each)
    return each !== removed && other.domain === domain && other.path === path
  })
  return others.every(each => parseReference(each).digest !== undefined) ? others : []
}

function shortOf(imageId: string): string {
  return imageId.slice('sha256:'.length, 'sha256:'.length + SHORT)
}

function hasChildren({ imageId }: RemovalFacts): Error {
  return failure({
    code: 'IMAGE_HAS_CHILDREN',
    kind: 'conflict',
    summary: `conflict: unable to delete ${shortOf(imageId)} (cannot be forced) - image has dependent child images`,
  })
}

function hasTags({ imageId }: RemovalFacts): Error {
  return failure({
    code: 'IMAGE_HAS_TAGS',
    kind: 'conflict',
    summary: `conflict: unable to delete ${shortOf(imageId)} (must be forced) - image is referenced in multiple repositories`,
  })
}

function nameInUse({ name, imageId }: RemovalFacts, { containerId }: ImageUser): Error {
  return failure({
    code: 'IMAGE_IN_USE',
    kind: 'conflict',
    summary: `conflict: unable to remove repository reference "${name}" (must force) - container ${containerId.slice(0, SHORT)} is using its referenced image ${shortOf(imageId)}`,
  })
}

function inUse({ imageId }: RemovalFacts, { containerId, running }: ImageUser): Error {
  const [force, state] = running ? ['cannot be forced', 'running'] : ['must be forced', 'stopped']
  return failure({
    code: 'IMAGE_IN_USE',
    kind: 'conflict',
    summary: `conflict: unable to delete ${shortOf(imageId)} (${force}) - image is being used by ${state} container ${containerId.slice(0, SHORT)}`,
  })
}
