import { splitReference } from '../../oci/reference.ts'
import type { Target } from '../target.ts'
import { type CopyRequest, telling, withContainers } from './service-files.ts'

export interface CommitRequest extends Pick<CopyRequest, 'index' | 'onEvent' | 'dryRun'> {
  /** What the image is called, `REPO[:TAG]`; without it has its id alone. */
  readonly reference?: string
  readonly author?: string
  readonly message?: string
  /** Instructions of a Dockerfile that change its config: `ENV A=b`, `CMD ["x"]` … */
  readonly changes?: readonly string[]
  /** Freeze the container meanwhile; default: true. */
  readonly pause?: boolean
}

/**
 * Makes an image of a service's first container, running or not, with all that it has written, and returns the image's id;
 * undefined for a dry run. Errors: NO_CONTAINER, NO_SUCH_SERVICE, and the engine's.
 */
export async function commit(
  target: Target,
  service: string,
  request: CommitRequest = {},
): Promise<string | undefined> {
  const { reference, author = '', message = '', changes = [], pause = true, index, dryRun } = request
  return withContainers(target, service, { index, changes: true }, async ([first]) => {
    if (first === undefined) throw new RangeError(`service "${service}" has no container`)
    const { name, container } = first
    return telling('commit', name, request, async () => {
      if (dryRun === true) return undefined
      const { name: repo = '', tag = '' } = reference === undefined ? {} : splitReference(reference)
      const { Id } = await container.commit({ repo, tag, author, comment: message, changes, pause })
      return Id
    })
  })
}
