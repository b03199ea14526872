import { failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { Observed } from '../planner/index.ts'
import type { Docker } from './docker.ts'

/** Takes the snapshot that plans are made from; a name alone is enough for commands without a Compose file. */
export async function observe(_docker: Docker, _project: Project | string): Promise<Observed> {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'observe is being written' })
}
