import { existsSync, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { errnoOf, Failure, failure } from '../diagnostics/index.ts'
import type { BuildImage, CreateContainer, Plan } from '../planner/index.ts'
import { isRemoteContext, noContext, noDockerfile } from './build-context/where.ts'
import { injectedFiles, sourceFiles } from './create-request/index.ts'
import type { ExecuteOptions, FailedOperation } from './options.ts'

/**
 * Looks, before anything is done, for the secrets, configs and bind sources of all containers that the plan creates, and for
 * the contexts and Dockerfiles of what it builds: one that can not be had must not show when half of the project runs. All
 * that are missing are named, each once.
 */
export function checkFiles(
  plan: Plan,
  { project, engineElsewhere, readContext }: ExecuteOptions,
): FailedOperation[] {
  if (project === undefined) return []
  const seen = new Set<string>()
  return plan.operations.flatMap((operation): FailedOperation[] => {
    if (operation.type === 'buildImage')
      return (readContext === undefined ? checkBuild(operation) : []).map(cause => ({
        operation,
        failure: cause,
      }))
    if (operation.type !== 'createContainer' || seen.has(operation.serviceName)) return []
    seen.add(operation.serviceName)
    const sources = engineElsewhere ? [] : checkBinds(operation)
    return [...checkService(operation, project), ...sources].map(cause => ({ operation, failure: cause }))
  })
}

function checkService(
  { serviceName, service }: CreateContainer,
  project: NonNullable<ExecuteOptions['project']>,
): Failure[] {
  try {
    injectedFiles(project, serviceName, service)
  } catch (error) {
    if (error instanceof Failure) return [error]
    throw error
  }
  return sourceFiles(project, serviceName, service).flatMap(({ kind, name, file, copied }) => {
    const what = `${kind} "${name}" of service "${serviceName}"`
    if (!existsSync(file))
      return failure({
        kind: 'notFound',
        code: 'SECRET_FILE_NOT_FOUND',
        summary: `${what} comes from a file that is not there: "${file}"`,
      })
    if (!copied || kindOf(file) !== 'folder') return []
    return failure({
      kind: 'invalidArgument',
      code: 'SECRET_FILE_IS_FOLDER',
      summary: `${what} is to have an owner or a mode of its own, and comes from a folder: "${file}"`,
      hint: 'name a file, or leave uid, gid and mode away',
    })
  })
}

/** Sources that must be there: `create_host_path: false` forbids to make them. */
function checkBinds({ serviceName, service }: CreateContainer): Failure[] {
  return (service.volumes ?? []).flatMap(({ type, source, bind }) => {
    if (type !== 'bind' || source === undefined || bind?.create_host_path !== false) return []
    if (existsSync(source)) return []
    return failure({
      kind: 'notFound',
      code: 'BIND_SOURCE_NOT_FOUND',
      summary: `service "${serviceName}" binds a path that is not there: "${source}"`,
      hint: 'make it, or let up make a folder there: create_host_path: true',
    })
  })
}

/** What a pull may do instead need not be there. */
function checkBuild({ serviceName, build, unlessPulledBy }: BuildImage): Failure[] {
  const { context, dockerfile = 'Dockerfile', dockerfile_inline: inline } = build
  if (unlessPulledBy !== undefined || context === undefined || isRemoteContext(context)) return []
  if (['file', 'nothing'].includes(kindOf(context))) return [noContext(serviceName, context)]
  const path = isAbsolute(dockerfile) ? dockerfile : join(context, dockerfile)
  const isMissing = inline === undefined && ['folder', 'nothing'].includes(kindOf(path))
  return isMissing ? [noDockerfile(serviceName, path)] : []
}

/** What is at a path; `hidden` behind a folder that this user may not enter. */
function kindOf(path: string): 'folder' | 'file' | 'nothing' | 'hidden' {
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    return found === undefined ? 'nothing' : found.isDirectory() ? 'folder' : 'file'
  } catch (error) {
    if (errnoOf(error) === 'EACCES') return 'hidden'
    throw error
  }
}
