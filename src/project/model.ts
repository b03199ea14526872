import type { Project } from '../model/index.ts'
import type { LoadOptions, LoadResult, OpenOptions } from '../parser/index.ts'
import { ProjectFailure } from './failures.ts'
import { remoteLoader } from './remote.ts'
import { environmentOf, type Target } from './target.ts'

export interface ModelOptions {
  readonly services?: readonly string[]
  readonly profiles?: readonly string[]
  readonly load?: LoadOptions
}

let keepsLast = false

/**
 * Keeps the last project that this thread has loaded, what was observed of it and its plan, for the next command: none of ours changes anything of
 * these, as a program that calls us may.
 */
export function keepLastProject(): void {
  keepsLast = true
}

/** Whether this thread keeps them. */
export function isLastKept(): boolean {
  return keepsLast
}

/** What the target says of where the project is. */
function openOptions(target: Target, options: ModelOptions): OpenOptions {
  const { cwd = process.cwd(), files = [], envFiles = [], profiles = [], stdin = noInput } = target
  const { projectName, instance, projectDirectory, allResources = false } = target
  return {
    cwd,
    env: environmentOf(target),
    files,
    envFiles,
    profiles: [...profiles, ...(options.profiles ?? [])],
    stdin,
    keepsLast,
    ...(projectName === undefined ? {} : { projectName }),
    ...(instance === undefined ? {} : { instance }),
    ...(projectDirectory === undefined ? {} : { projectDirectory }),
    ...(options.services === undefined ? {} : { services: options.services }),
    options: { allResources, ...options.load },
  }
}

function noInput(): string {
  return ''
}

/** Finds and loads the Compose files of a target. The parser is loaded here and not before. */
export async function loadModel(target: Target, options: ModelOptions = {}): Promise<LoadResult> {
  const { openRemoteProject } = await import('../parser/index.ts')
  return openRemoteProject(openOptions(target, options), remoteLoader(environmentOf(target)))
}

/** The project; tells the target's listener every warning. Raises ProjectFailure with all that is wrong. */
export async function openModel(target: Target, options: ModelOptions = {}): Promise<Project> {
  return projectOf(target, await loadModel(target, options))
}

/** The same for what was loaded already. */
export async function projectOf(
  target: Target,
  { project, diagnostics, sources }: LoadResult,
): Promise<Project> {
  if (project === undefined) throw new ProjectFailure(diagnostics, sources)
  if (diagnostics.length > 0) target.onDiagnostics?.(diagnostics, sources)
  const services = Object.values(project.model.services)
  const told = services.filter(each => each['x-tscompose']?.on_change !== undefined)
  if (told.length === 0) return project
  const { fileDigests } = await import('./file-digests.ts')
  return { ...project, fileDigests: fileDigests(project, told) }
}
