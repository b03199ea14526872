// Apart from what packs a context: whoever only looks need not load that.
import { type Failure, failure } from '../../diagnostics/index.ts'

/** True for a context that the engine fetches itself: a git or http URL. */
export function isRemoteContext(context = ''): boolean {
  return /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(context)
}

/** BUILD_CONTEXT_NOT_FOUND */
export function noContext(serviceName: string, context: string): Failure {
  return failure({
    kind: 'notFound',
    code: 'BUILD_CONTEXT_NOT_FOUND',
    summary: `build context of service "${serviceName}" is no folder: "${context}"`,
  })
}

/** DOCKERFILE_NOT_FOUND */
export function noDockerfile(serviceName: string, path: string): Failure {
  return failure({
    kind: 'notFound',
    code: 'DOCKERFILE_NOT_FOUND',
    summary: `Dockerfile of service "${serviceName}" is not there: "${path}"`,
    hint: 'name it with "build.dockerfile"',
  })
}
