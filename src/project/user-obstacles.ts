import type { Docker } from '../client/index.ts'
import { type Diagnostic, Failure } from '../diagnostics/index.ts'
import { locateFailure, type PlannedContainer } from '../executor/index.ts'
import type { Project } from '../model/index.ts'

/** What a number is in an image does not matter. */
const NUMBERS = /^\d+(:\d+)?$/

/** The user and groups of a container, where they are names that its image, which is there, does not know. */
export async function unknownUsers(
  { operation, body }: PlannedContainer,
  project: Project,
  docker: Docker,
): Promise<readonly Diagnostic[]> {
  const { Image = '', User = '', HostConfig: { GroupAdd = [] } = {} } = body
  const groups = GroupAdd.filter(each => !NUMBERS.test(each))
  const image = docker.getImage(Image)
  const found = await Promise.all([
    User === '' || NUMBERS.test(User) ? undefined : refusal(image.knows({ user: User })),
    ...groups.map(group => refusal(image.knows({ user: '0', group: [group] }))),
  ])
  return found.flatMap((cause, index) => {
    if (cause === undefined) return []
    const path = index === 0 ? 'User' : 'HostConfig.GroupAdd'
    const refused = cause.diagnostics.map(each => ({ ...each, path }))
    return locateFailure(new Failure(cause.kind, refused), operation, project).diagnostics
  })
}

/** Nothing where the image is not to be seen: whoever makes the container tells that. */
async function refusal(asked: Promise<void>): Promise<Failure | undefined> {
  try {
    await asked
    return undefined
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.code === 'USER_UNKNOWN' || error.code === 'GROUP_UNKNOWN' ? error : undefined
  }
}
