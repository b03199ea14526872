import { failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { Docker } from './docker.ts'
import type { WaitOptions } from './options.ts'

/**
 * `up --wait`: until every service runs, or is healthy where it has a health check, or has completed where others need
 * that. Throws NOT_HEALTHY_IN_TIME, CONTAINER_UNHEALTHY, CONTAINER_EXITED.
 */
export async function waitReady(
  _docker: Docker,
  _project: Project,
  _options: WaitOptions = {},
): Promise<void> {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'waitReady is being written' })
}
