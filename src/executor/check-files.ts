import { existsSync } from 'node:fs'
import { Failure, failure } from '../diagnostics/index.ts'
import type { CreateContainer, Plan } from '../planner/index.ts'
import { injectedFiles, sourceFiles } from './create-request/index.ts'
import type { ExecuteOptions, FailedOperation } from './options.ts'

/**
 * Looks, before anything is done, for the secrets, configs and bind sources of all containers that the plan creates: one
 * that can not be had must not show when half of the project runs. All that are missing are named, each once.
 */
export function checkFiles(plan: Plan, { project, engineElsewhere }: ExecuteOptions): FailedOperation[] {
  if (project === undefined) return []
  const seen = new Set<string>()
  return plan.operations.flatMap(operation => {
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
  return sourceFiles(project, serviceName, service)
    .filter(({ file }) => !existsSync(file))
    .map(({ kind, name, file }) =>
      failure({
        kind: 'notFound',
        code: 'SECRET_FILE_NOT_FOUND',
        summary: `${kind} "${name}" of service "${serviceName}" comes from a file that is not there: "${file}"`,
      }),
    )
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
