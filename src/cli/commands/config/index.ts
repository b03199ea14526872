import { failure } from '../../../diagnostics/index.ts'
import type { Project } from '../../../model/index.ts'
import type { LoadOptions, LoadResult } from '../../../parser/index.ts'
import { hashes, images, names, profiles, renderEnvironment } from './listings.ts'
import type { ConfigOptions } from './options.ts'
import { renderJson, renderMerged, renderYaml } from './render.ts'
import { renderVariables } from './variables.ts'

/** The edges of `config`: how it loads, and where its words go. */
export interface ConfigStreams {
  readonly load: (services: readonly string[], options: LoadOptions) => LoadResult | Promise<LoadResult>
  /** Prints the diagnostics. */
  readonly report: (result: LoadResult) => void
  readonly out: (text: string) => void
}

/** `tscompose config`: loads the project and prints its model, or what the flags ask for. Returns the exit code. */
export async function runConfig(options: ConfigOptions, streams: ConfigStreams): Promise<number> {
  const result = await streams.load(options.services, options.load)
  streams.report(result)
  const { project } = result
  if (project === undefined) return 1
  if (options.quiet) return 0
  streams.out(render(options, project, result))
  return 0
}

function render(options: ConfigOptions, project: Project, result: LoadResult): string {
  const { model } = project
  switch (options.view) {
    case 'model':
      if (result.merged) return renderMerged(result.merged, options.format ?? 'yaml')
      return options.format === 'json' ? `${renderJson(model)}\n` : renderYaml(model)
    case 'services':
    case 'volumes':
    case 'networks':
    case 'models':
      return lines(names(model[options.view]))
    case 'profiles':
      return lines(profiles(project))
    case 'images':
      return lines(images(project))
    case 'hash':
      return lines(hashes(model, wantedHashes(options, project)))
    case 'environment':
      return lines(renderEnvironment(project.environment))
    case 'variables':
      return renderVariables(result.sources, project.configFiles, options.format)
  }
}

function wantedHashes(options: ConfigOptions, { model }: Project): readonly string[] {
  if (options.hash.includes('*')) return names(model.services)
  for (const name of options.hash)
    if (!Object.hasOwn(model.services, name))
      throw failure({
        code: 'NO_SUCH_SERVICE',
        kind: 'notFound',
        summary: `name a service of the project, got "${name}"`,
      })
  return options.hash
}

function lines(texts: readonly string[]): string {
  return texts.map(text => `${text}\n`).join('')
}
