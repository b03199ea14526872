import { failure } from '../../diagnostics/index.ts'
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
  readonly force: boolean
}

/** What a removal will do. */
export interface RemovalPlan {
  /** Full references. */
  readonly untag: readonly string[]
  readonly deleteImage: boolean
}

/**
 * Decides a removal by Docker's rules: a name takes its tag off, the last one takes the image along; an id takes the
 * image, but with several tags only by force. What a container uses stays. Raises IMAGE_IN_USE, IMAGE_HAS_TAGS.
 */
export function planRemoval(facts: RemovalFacts): RemovalPlan {
  const { references, reference, users, force } = facts
  if (reference !== undefined && references.length > 1) return { untag: [reference], deleteImage: false }
  if (reference === undefined && references.length > 1 && !force) throw hasTags(facts)
  const blocking = force ? users.filter(user => user.running) : users
  if (blocking.length > 0) throw inUse(facts, blocking)
  return { untag: references, deleteImage: true }
}

function hasTags({ name, references }: RemovalFacts): Error {
  return failure({
    code: 'IMAGE_HAS_TAGS',
    kind: 'conflict',
    summary: `image "${name}" has ${references.length} tags`,
    detail: references.join('\n'),
    hint: 'remove the tags by name, or use force',
  })
}

function inUse({ name }: RemovalFacts, users: readonly ImageUser[]): Error {
  const running = users.some(user => user.running)
  return failure({
    code: 'IMAGE_IN_USE',
    kind: 'conflict',
    summary: `image "${name}" is used by ${users.map(user => user.containerId.slice(0, 12)).join(', ')}`,
    hint: running ? 'stop and remove the container first' : 'remove the container first, or use force',
  })
}
