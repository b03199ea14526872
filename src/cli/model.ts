import { readFileSync } from 'node:fs'
import { renderDiagnostics } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { LoadOptions, LoadResult, OpenOptions } from '../parser/index.ts'
import type { CommandContext } from './command.ts'
import { useColor } from './global-options.ts'
import { remoteLoader } from './remote.ts'
import { Reported } from './reported.ts'

export interface ModelOptions {
  readonly services?: readonly string[]
  readonly profiles?: readonly string[]
  readonly load?: LoadOptions
}

/** What the global options say of where the project is. */
export function openOptions(context: CommandContext, options: ModelOptions = {}): OpenOptions {
  const { globals } = context
  return {
    cwd: context.cwd,
    env: context.env,
    files: globals.files,
    envFiles: globals.envFiles,
    profiles: [...globals.profiles, ...(options.profiles ?? [])],
    stdin: () => readFileSync(0, 'utf8'),
    ...(globals.projectName === undefined ? {} : { projectName: globals.projectName }),
    ...(globals.projectDirectory === undefined ? {} : { projectDirectory: globals.projectDirectory }),
    ...(options.services === undefined ? {} : { services: options.services }),
    options: { allResources: globals.allResources, ...options.load },
  }
}

/** Finds and loads the Compose files as the global options say. The parser is loaded here and not before. */
export async function loadModel(context: CommandContext, options: ModelOptions = {}): Promise<LoadResult> {
  const { openRemoteProject } = await import('../parser/index.ts')
  return openRemoteProject(openOptions(context, options), remoteLoader(context.env))
}

/** The project; prints every warning and error with its place, and throws Reported when there is none. */
export async function openModel(context: CommandContext, options: ModelOptions = {}): Promise<Project> {
  const result = await loadModel(context, options)
  reportDiagnostics(context, result)
  if (result.project === undefined) throw new Reported()
  return result.project
}

/** Prints what the loader found, with the lines of the files. */
export function reportDiagnostics(context: CommandContext, result: LoadResult): void {
  if (result.diagnostics.length === 0) return
  const color = useColor(context.globals, context.streams.stderr, context.env)
  const sourceOf = (file: string): string | undefined => result.sources.get(file)
  context.streams.stderr.write(`${renderDiagnostics(result.diagnostics, { color, sourceOf })}\n`)
}
