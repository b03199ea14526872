import type { ContainerConfig, HostConfig } from '../../api/types/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { resolveUser } from '../rootfs/user.ts'
import type { Problems } from '../terms/problems.ts'

/** Who is in an image only the image tells; what is refused with any is told here. Code: USER_INVALID. */
export function checkUsers(
  { User }: ContainerConfig,
  { GroupAdd = [] }: HostConfig,
  problems: Problems,
): void {
  if (User) check('User', User, problems)
  for (const group of GroupAdd) check('HostConfig.GroupAdd', `0:${group}`, problems)
}

function check(field: string, user: string, problems: Problems): void {
  try {
    resolveUser(user, { passwd: '', group: '' })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    problems.addAll(
      error.diagnostics.filter(({ code }) => code === 'USER_INVALID').map(each => ({ ...each, path: field })),
    )
  }
}
