import { join } from 'node:path'
import { type Notice, waitingNotices } from '../linux/notices.ts'
import { statePaths } from './state-paths.ts'
import { type Environment, isForeign } from './target.ts'

export type { Notice } from '../linux/notices.ts'

/**
 * What our engine has for whoever comes next: a record that could not be read and was set aside, a limit that the machine
 * cannot keep. What is said of a container is for who works on its project. Each is there until it is said to be done. Another engine has none.
 */
export function notices(env: Environment, project?: string): readonly Notice[] {
  if (isForeign(env)) return []
  return waitingNotices(join(statePaths(env).root, 'notices')).filter(({ diagnostic: { facts } }) =>
    [undefined, project].includes(facts?.['project']),
  )
}
