import { existsSync, realpathSync } from 'node:fs'
import type { Diagnostic } from '../diagnostics/index.ts'
import { LABEL, type Observed, type Plan } from '../planner/index.ts'
import type { ConnectedProject } from './connected-project.ts'
import { listProjectContainers } from './containers.ts'
import { ProjectFailure } from './failures.ts'
import { isRemoteFile } from './remote.ts'
import { environmentOf, isForeign } from './target.ts'

/** The plan, which is not to be done where it would change what another folder has made. */
export function withOtherFolder(plan: Plan, observed: Observed, connected: ConnectedProject): Plan {
  const found = otherFolder(
    observed.containers.map(({ labels }) => labels),
    connected,
  )
  return found.length === 0 ? plan : { ...plan, problems: [...(plan.problems ?? []), ...found] }
}

/** For work that has no plan. Errors: PROJECT_OF_OTHER_FOLDER where it would change what another folder has made. */
export async function checkFolder(connected: ConnectedProject): Promise<void> {
  const containers = await listProjectContainers(connected.docker, connected.project.name, true)
  const found = otherFolder(
    containers.map(({ Labels }) => Labels),
    connected,
  )
  if (found.length > 0) throw new ProjectFailure(found)
}

/** The same for what was made from these folders, and of which no container may tell any more. */
export function checkFolders(folders: readonly (string | undefined)[], connected: ConnectedProject): void {
  const found = otherFolder(
    folders.flatMap(folder => (folder === undefined ? [] : [{ [LABEL.workingDir]: folder }])),
    connected,
  )
  if (found.length > 0) throw new ProjectFailure(found)
}

/**
 * That the project of this name was made from another folder, which is still there: two folders of one name are not one project, unless somebody says so by
 * giving the name (-p, COMPOSE_PROJECT_NAME, --project-directory). Of files that were fetched, each version has a folder of its own.
 */
function otherFolder(
  containers: readonly Readonly<Record<string, string>>[],
  { project, target }: ConnectedProject,
): readonly Diagnostic[] {
  const env = environmentOf(target)
  const { name, workingDir, configFiles } = project
  const isTold = [target.projectName, env['COMPOSE_PROJECT_NAME'], target.projectDirectory].some(Boolean)
  if (isTold || isForeign(env) || configFiles.length === 0 || isRemoteFile(workingDir, env)) return []
  const folders = new Set(containers.flatMap(labels => labels[LABEL.workingDir] ?? []))
  const other = [...folders].find(
    folder =>
      folder !== '' && !isRemoteFile(folder, env) && existsSync(folder) && !isSame(folder, workingDir),
  )
  if (other === undefined) return []
  return [
    {
      severity: 'error',
      code: 'PROJECT_OF_OTHER_FOLDER',
      summary: `project "${name}" is that of ${other}, and this is ${workingDir}`,
      hint: 'give this one another name (name: in the file), or have it run beside the other with --instance NAME; -p with the name says that both are one project',
    },
  ]
}

function isSame(folder: string, other: string): boolean {
  return folder === other || (existsSync(other) && realpathSync(folder) === realpathSync(other))
}
