import type { Project } from '../model/index.ts'
import { quickProjectName } from '../parser/files/quick-name.ts'
import { instanceName } from '../parser/project-name.ts'
import { openModel } from './model.ts'
import { environmentOf, type Target } from './target.ts'

/** A project as commands see it that need no more than its name: the model only where a Compose file had to be read. */
export interface NamedProject {
  readonly name: string
  readonly project?: Project
}

/**
 * The project's name without loading the model where `-p` says it (exec, ps, logs, port … work from
 * anywhere then), or where the file says it plainly; otherwise from the model. `needsModel`: load it all the same.
 */
export async function resolveProject(
  target: Target,
  options: { readonly needsModel?: boolean } = {},
): Promise<NamedProject> {
  const { cwd = process.cwd(), files = [], envFiles = [], projectName, projectDirectory } = target
  const env = environmentOf(target)
  const named = projectName ?? env['COMPOSE_PROJECT_NAME']
  const instance = target.instance ?? env['COMPOSE_INSTANCE']
  if (named !== undefined && files.length === 0) return { name: instanceName(named, instance) }
  const isPlain = files.length + envFiles.length === 0 && projectDirectory === undefined
  const quick = isPlain && options.needsModel !== true ? quickProjectName({ cwd, env }) : undefined
  if (quick !== undefined) return { name: instanceName(quick, instance) }
  const project = await openModel(target, { load: { resolveEnvironment: false } })
  return { name: project.name, project }
}

/** Names of all services of the file, whether or not a profile enables them. */
export function serviceNames(project: Project): string[] {
  return [...Object.keys(project.model.services), ...Object.keys(project.disabledServices)]
}
