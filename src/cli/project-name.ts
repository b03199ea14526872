import type { Project } from '../model/index.ts'
import type { CommandContext } from './command.ts'
import { openModel } from './model.ts'

/** A project as commands see it that need no more than its name: the model only where a Compose file had to be read. */
export interface NamedProject {
  readonly name: string
  readonly project?: Project
}

/**
 * The project's name without reading a Compose file where `-p` says it (features 3.11: exec, ps, logs, port … work
 * from anywhere then); otherwise from the file.
 */
export async function resolveProject(context: CommandContext): Promise<NamedProject> {
  const named = context.globals.projectName ?? context.env['COMPOSE_PROJECT_NAME']
  if (named !== undefined && context.globals.files.length === 0) return { name: named }
  const project = await openModel(context, { load: { resolveEnvironment: false } })
  return { name: project.name, project }
}

/** Names of all services of the file, whether or not a profile enables them. */
export function serviceNames(project: Project): string[] {
  return [...Object.keys(project.model.services), ...Object.keys(project.disabledServices)]
}
