import { failure } from '../../../diagnostics/index.ts'
import type { Project } from '../../../model/index.ts'
import type { LoadResult } from '../../../parser/index.ts'
import { type DigestResolver, lockedServices, pinImages, withImages } from '../../../project/image-digests.ts'
import { hashes, imageNames, names, profiles, renderEnvironment } from './listings.ts'
import type { ConfigOptions } from './options.ts'
import { renderJson, renderLock, renderMerged, renderYaml } from './render.ts'
import { renderVariables } from './variables.ts'

/** The edges of `config`: how it loads, and where its words go. */
export interface ConfigStreams {
  readonly load: (options: ConfigOptions) => LoadResult | Promise<LoadResult>
  /** Prints the diagnostics. */
  readonly report: (result: LoadResult) => void
  readonly out: (text: string) => void
  readonly resolveDigest: DigestResolver
}

/** `tscompose config`: loads the project and prints its model, or what the flags ask for. Returns the exit code. */
export async function runConfig(options: ConfigOptions, streams: ConfigStreams): Promise<number> {
  const result = await streams.load(options)
  streams.report(result)
  const { project } = result
  if (project === undefined) return 1
  const pinned = await pinnedImages(options, project, result, streams)
  if (pinned === undefined) return 1
  if (!options.quiet) streams.out(render(options, project, result, pinned))
  return 0
}

/** What --resolve-image-digests and --lock-image-digests ask for; undefined when it cannot be had, which is said. */
async function pinnedImages(
  options: ConfigOptions,
  project: Project,
  result: LoadResult,
  streams: ConfigStreams,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (options.view !== 'model' || options.digests === undefined) return new Map()
  const { images, diagnostics } = await pinImages(
    servicesOf(result) ?? project.model.services,
    project,
    streams.resolveDigest,
  )
  if (diagnostics.length === 0) return images
  streams.report({ ...result, diagnostics })
  return undefined
}

/** The services of files that were merged without interpolation. */
function servicesOf({ merged }: LoadResult): Record<string, object> | undefined {
  return (merged as { readonly services?: Record<string, object> } | undefined)?.services
}

function renderModel(
  { format = 'yaml', digests }: ConfigOptions,
  { model }: Project,
  result: LoadResult,
  images: ReadonlyMap<string, string>,
): string {
  const plain = servicesOf(result)
  if (digests === 'lock') return renderLock(lockedServices(plain ?? model.services, images), format)
  if (result.merged)
    return renderMerged(
      plain ? { ...result.merged, services: withImages(plain, images) } : result.merged,
      format,
    )
  const pinned = { ...model, services: withImages(model.services, images) }
  return format === 'json' ? `${renderJson(pinned)}\n` : renderYaml(pinned)
}

function render(
  options: ConfigOptions,
  project: Project,
  result: LoadResult,
  images: ReadonlyMap<string, string>,
): string {
  const { model } = project
  switch (options.view) {
    case 'model':
      return renderModel(options, project, result, images)
    case 'services':
    case 'volumes':
    case 'networks':
    case 'models':
      return lines(names(model[options.view]))
    case 'profiles':
      return lines(profiles(project))
    case 'images':
      return lines(imageNames(project))
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
        summary: `no such service: ${name}`,
      })
  return options.hash
}

function lines(texts: readonly string[]): string {
  return texts.map(text => `${text}\n`).join('')
}
