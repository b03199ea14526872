import { Failure } from '../../diagnostics/index.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { platformDistance } from '../../oci/platform.ts'
import { canonicalReference, familiarReference, parseReference } from '../../oci/reference.ts'
import { type Material, PROVENANCE, type Predicate } from '../attestations/predicate.ts'
import type { ImageConfig } from '../config.ts'
import { PROXY_ARGS } from '../defaults.ts'
import type { MergedTree } from '../layer/merged-tree.ts'
import type { WrittenCache } from '../step-cache/exports.ts'
import { attestImage, predicatesOf } from './attest-image.ts'
import { atEpoch, EPOCH_ARG } from './epoch.ts'
import { exportCaches, withInlineCache } from './export-steps.ts'
import type { BuildOptions, BuildResult } from './options.ts'
import { mountsOf, type StageMounts } from './outline.ts'
import { type Prepared, prepareBuild } from './prepare.ts'
import { type BuildRun, mergedTreeOf } from './run-state.ts'
import { buildStages, type PlatformBuild } from './stages-build.ts'

/**
 * Builds an image from a Dockerfile, or one for each platform. Raises one Failure with all problems of the Dockerfile (with their lines), or
 * BUILD_STEP_FAILED with the line of the step and the last lines of its output; the store is then as before, but for
 * the cache of the steps that succeeded.
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  // Wrong names are known before any work is done.
  const tags = familiarTags(options.tags ?? [])
  const built = await solve(options)
  try {
    const { imageId, imageIds } = await built.keep(tags)
    await built.exportCaches()
    return { imageId, imageIds, cached: built.cached }
  } finally {
    await built.end()
  }
}

/** What a build has made, before it is put anywhere. It stays until it is ended. */
export interface BuiltImage {
  /** Of each platform, in the order that was asked for. */
  readonly configs: readonly ImageConfig[]
  /** What each of them was made of, in the same order. */
  readonly facts: readonly ({ readonly materials: readonly Material[] } & StageMounts)[]
  /** True when no step ran: everything came from the cache. */
  readonly cached: boolean
  /** Makes it an image of the store, or one for each platform, with these names. */
  keep(tags: readonly string[]): Promise<Pick<BuildResult, 'imageId' | 'imageIds'>>
  /** The files of one of them. */
  tree(config: ImageConfig): Promise<MergedTree>
  /** What is to be said of one of them where its files are given out. */
  said(config: ImageConfig): Promise<readonly Predicate[]>
  /** Tells of work that is done with it. */
  during: BuildRun['trace']['during']
  /** Writes the steps to where they are to go; what they are found by there. */
  exportCaches(): Promise<readonly WrittenCache[]>
  /** Lets go of it; to be called whatever happened. */
  end(): Promise<void>
}

/** As `build`, but what is made is nowhere yet. */
export async function solve(options: BuildOptions): Promise<BuiltImage> {
  const lease = await options.store.lease()
  const begun = Date.now()
  try {
    const { builds } = await prepareBuild(options, lease, true)
    const [{ run }] = builds
    const made = await buildStages(builds)
    warnUnusedArgs(run)
    const configs = made.map(config =>
      withInlineCache(run, withLabels(atEpoch(config, run.epoch), options.labels)),
    )
    return {
      configs,
      facts: builds.map(({ run, needed }) => ({
        materials: [...run.materials.values()].sort((a, b) => (a.uri < b.uri ? -1 : 1)),
        ...mountsOf(run.stages, needed),
      })),
      cached: builds.every(({ run: { progress } }) => progress.cached),
      keep: tags => keepImages(builds, configs, { tags: familiarTags(tags), begun }),
      tree: config => mergedTreeOf(lease, config.rootfs.diff_ids),
      said: async config => {
        const of = builds[configs.indexOf(config)]
        return of === undefined ? [] : await saidOfFiles(of.run, config, begun)
      },
      during: (name, work) => run.trace.during(name, work),
      exportCaches: () => exportCaches(run, configs),
      end: () => lease.end(),
    }
  } catch (error) {
    await lease.end()
    throw error
  }
}

async function saidOfFiles(run: BuildRun, config: ImageConfig, begun: number): Promise<readonly Predicate[]> {
  const { created, rootfs } = config
  const image = { id: digestOf(JSON.stringify(config)), created, diffIds: rootfs.diff_ids }
  const predicates = await predicatesOf(run, image, begun)
  return run.options.provenanceInline ? predicates.filter(({ type }) => type !== PROVENANCE) : predicates
}

async function keepImages(
  builds: Prepared['builds'],
  configs: readonly ImageConfig[],
  { tags, begun }: { readonly tags: readonly string[]; readonly begun: number },
): Promise<Pick<BuildResult, 'imageId' | 'imageIds'>> {
  const [{ run }] = builds
  const imageIds = await run.trace.during('exporting to image', ({ say }) => {
    say('exporting layers')
    return addImages(builds, configs, { tags, begun, say })
  })
  const imageId = ownOf(imageIds, builds)
  run.emit({ type: 'built', imageId })
  for (const tag of tags) run.emit({ type: 'tagged', reference: tag })
  return { imageId, imageIds }
}

function familiarTags(tags: readonly string[]): readonly string[] {
  return tags.map(tag => familiarReference(parseReference(tag)))
}

/** Checks a Dockerfile and builds nothing. Raises what is wrong with it, and what its lint rules find, as one Failure. */
export async function check(options: BuildOptions): Promise<void> {
  const lease = await options.store.lease()
  try {
    const { found } = await prepareBuild({ ...options, onEvent: () => undefined }, lease, false)
    const findings = found.map(each => ({ ...each, severity: 'error' as const }))
    if (findings.length > 0) throw new Failure('invalidArgument', findings)
  } finally {
    await lease.end()
  }
}

/** The images of all platforms, with what is said of them, under all tags; their ids in order. */
async function addImages(
  builds: readonly PlatformBuild[],
  configs: readonly ImageConfig[],
  {
    tags,
    begun,
    say,
  }: { readonly tags: readonly string[]; readonly begun: number; readonly say: (line: string) => void },
): Promise<readonly string[]> {
  const ids: string[] = []
  for (const [at, { run }] of builds.entries()) {
    const config = configs[at]
    if (config === undefined) continue
    const record = await run.options.store.addImage(config, configs.length === 1 ? tags : [])
    await attestImage(run, record, begun)
    say(`writing image ${record.id}`)
    ids.push(record.id)
  }
  if (ids.length > 1) await builds[0]?.run.options.store.nameAll(tags, ids)
  for (const tag of tags) say(`naming to ${canonicalReference(parseReference(tag))}`)
  return ids
}

/** This machine's image, or else the first. */
function ownOf(ids: readonly string[], builds: readonly PlatformBuild[]): string {
  const own = builds.findIndex(
    ({ run: { platforms } }) => platformDistance(platforms.build, platforms.target) !== undefined,
  )
  const [first = ''] = ids
  return ids[own] ?? first
}

function withLabels(config: ImageConfig, labels: Readonly<Record<string, string>> | undefined): ImageConfig {
  if (labels === undefined || Object.keys(labels).length === 0) return config
  return { ...config, config: { ...config.config, Labels: { ...config.config.Labels, ...labels } } }
}

function warnUnusedArgs(run: BuildRun): void {
  const unused = Object.keys(run.options.args ?? {}).filter(
    name => !run.usedArgs.has(name) && !PROXY_ARGS.has(name) && name !== EPOCH_ARG,
  )
  if (unused.length === 0) return
  run.emit({
    type: 'warning',
    code: 'BUILD_ARG_UNUSED',
    text: `One or more build-args [${unused.join(' ')}] were not consumed`,
  })
}
