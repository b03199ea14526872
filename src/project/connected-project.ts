import { join } from 'node:path'
import type { Docker } from '../client/index.ts'
import { spans } from '../diagnostics/index.ts'
import { type LockHolder, observe, withProjectLock } from '../executor/index.ts'
import type { Project } from '../model/index.ts'
import type { LoadResult } from '../parser/index.ts'
import { instanceName } from '../parser/project-name.ts'
import { projectFromLabels } from '../planner/index.ts'
import { connectEngine, lettingGo } from './engine.ts'
import { loadModel, type ModelOptions, openModel, projectOf } from './model.ts'
import { publishedHere } from './published-here.ts'
import { statePaths } from './state-paths.ts'
import { environmentOf, isForeign, type Target } from './target.ts'

/** A loaded project and the engine that runs it: what everything works with that changes something. */
export interface ConnectedProject {
  readonly target: Target
  readonly project: Project
  readonly docker: Docker
}

/** Does work with a connected project, and lets go of its engine: a program that calls us lives on. */
export async function whileConnected<T>(
  opening: Promise<ConnectedProject>,
  work: (connected: ConnectedProject) => T | Promise<T>,
): Promise<T> {
  const connected = await opening
  return lettingGo(connected.docker, 'always', async () => work(connected))
}

/** Loads the project first: a wrong file must not start an engine. */
export async function connectProject(target: Target, options: ModelOptions = {}): Promise<ConnectedProject> {
  const project = await spans.during('load files', () =>
    openModel(target, { ...options, load: { ...options.load, defaultPlatform: true } }),
  )
  const env = environmentOf(target)
  return {
    target,
    project: publishedHere(project, env),
    docker: await connectEngine(env),
  }
}

/** The code of the loader for "there is no Compose file here". */
const NO_FILE = 'NO_COMPOSE_FILE'

/**
 * The project of those who need no more than its name: the Compose file where there is one, otherwise, where the target or
 * COMPOSE_PROJECT_NAME names it, the project as its containers' labels tell it. Profiles hold here too: what one started is
 * left alone by a command that does not name it, and naming a service enables its profiles. The whole
 * project is loaded all the same: others may depend on what is named.
 */
export async function connectFromLabels(
  target: Target,
  services: readonly string[] = [],
): Promise<ConnectedProject> {
  const env = environmentOf(target)
  const result = await loadNamed(target, services)
  const name = target.projectName ?? env['COMPOSE_PROJECT_NAME']
  const isMissing = result.diagnostics.some(({ code }) => code === NO_FILE)
  if (result.project !== undefined || name === undefined || !isMissing) {
    const project = await projectOf(target, result)
    return { target, project, docker: await connectEngine(env) }
  }
  const docker = await connectEngine(env)
  const own = instanceName(name, target.instance ?? env['COMPOSE_INSTANCE'])
  return { target, project: projectFromLabels(await observe(docker, own, { drift: false })), docker }
}

async function loadNamed(target: Target, services: readonly string[]): Promise<LoadResult> {
  const result = await loadModel(target)
  const disabled = result.project?.disabledServices ?? {}
  const profiles = services.flatMap(name => disabled[name]?.profiles ?? [])
  return profiles.length === 0 ? result : loadModel(target, { profiles })
}

export interface LockRequest {
  /** What is done, for those who wait. */
  readonly command: string
  readonly onWait?: (holder: LockHolder, project: string) => void
  readonly signal?: AbortSignal
}

/**
 * Runs `work` as the only one that changes this project. With a Docker Engine of somebody else there is no lock of ours.
 */
export function exclusively<T>(
  { target, project }: ConnectedProject,
  { command, onWait, signal }: LockRequest,
  work: () => Promise<T>,
): Promise<T> {
  const env = environmentOf(target)
  if (isForeign(env)) return work()
  const options = {
    folder: join(statePaths(env).run, 'projects'),
    project: project.name,
    command,
    ...(target.pid === undefined ? {} : { pid: target.pid }),
    ...(signal === undefined ? {} : { signal }),
    ...(onWait === undefined ? {} : { onWait: (holder: LockHolder) => onWait(holder, project.name) }),
  }
  return withProjectLock(options, work)
}
