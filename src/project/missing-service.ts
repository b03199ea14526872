import { Failure } from '../diagnostics/index.ts'
import { checkServices } from './containers.ts'
import { loadModel } from './model.ts'
import { serviceNames } from './project-name.ts'
import type { Target } from './target.ts'

/**
 * The failure for a service without a running container, told apart: one that the file does not have cannot be started.
 * The file is read only now, and quietly: with `-p` there may be none. Errors: NO_SUCH_SERVICE, or the one given.
 */
export async function explainMissing(target: Target, service: string, cause: unknown): Promise<never> {
  if (cause instanceof Failure && cause.code === 'SERVICE_NOT_RUNNING') {
    const { project } = await loadModel(target)
    if (project !== undefined) checkServices(serviceNames(project), [service])
  }
  throw cause
}
