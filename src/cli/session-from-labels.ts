import { observe } from '../executor/index.ts'
import type { LoadResult } from '../parser/index.ts'
import { projectFromLabels } from '../planner/index.ts'
import type { CommandContext } from './command.ts'
import { connectEngine } from './engine-start.ts'
import { loadModel, reportDiagnostics } from './model.ts'
import { Reported } from './reported.ts'
import type { Session } from './session.ts'

/** The code of the loader for "there is no Compose file here". */
const NO_FILE = 'NO_COMPOSE_FILE'

/**
 * A session for commands that need a name alone (features 3.11): the Compose file where there is one, otherwise, with `-p`
 * or COMPOSE_PROJECT_NAME, the project as its containers' labels tell it. Profiles hold here too: what one started is
 * left alone by a command that does not name it, and naming a service enables its profiles (features 3.8). The whole
 * project is loaded all the same: others may depend on what is named.
 */
export async function openSessionFromLabels(
  context: CommandContext,
  services: readonly string[] = [],
): Promise<Session> {
  const result = await loadNamed(context, services)
  const { project } = result
  if (project !== undefined) {
    reportDiagnostics(context, result)
    return { context, project, docker: await connectEngine(context) }
  }
  const name = context.globals.projectName ?? context.env['COMPOSE_PROJECT_NAME']
  if (name === undefined || !result.diagnostics.some(diagnostic => diagnostic.code === NO_FILE)) {
    reportDiagnostics(context, result)
    throw new Reported()
  }
  const docker = await connectEngine(context)
  return { context, project: projectFromLabels(await observe(docker, name)), docker }
}

async function loadNamed(context: CommandContext, services: readonly string[]): Promise<LoadResult> {
  const result = await loadModel(context)
  const disabled = result.project?.disabledServices ?? {}
  const profiles = services.flatMap(name => disabled[name]?.profiles ?? [])
  return profiles.length === 0 ? result : loadModel(context, { profiles })
}
