import { formatPlatform } from '../../oci/platform.ts'
import type { Predicate } from '../attestations/predicate.ts'
import { type BuildStory, provenanceOf } from '../attestations/provenance.ts'
import { sbomOf } from '../attestations/sbom.ts'
import type { ImageRecord } from '../record.ts'
import { type BuildRun, mergedTreeOf } from './run-state.ts'

/** Keeps with an image what the build is to say of it. `begun`: milliseconds since 1970. */
export async function attestImage(run: BuildRun, image: ImageRecord, begun: number): Promise<void> {
  await run.options.store.attest(image.id, await predicatesOf(run, image, begun))
}

/** What a build is to say of what it made. `begun`: milliseconds since 1970. */
export async function predicatesOf(
  run: BuildRun,
  image: Pick<ImageRecord, 'id' | 'created' | 'diffIds'>,
  begun: number,
): Promise<readonly Predicate[]> {
  const { provenance, sbom } = run.options
  const predicates: Predicate[] = []
  if (provenance !== undefined) predicates.push(provenanceOf(storyOf(run, provenance, begun)))
  if (sbom === true) {
    const tree = await mergedTreeOf(run.lease, image.diffIds)
    const name = run.options.tags?.[0] ?? image.id
    predicates.push(await sbomOf({ id: image.id, name, created: image.created, tree }))
  }
  return predicates
}

function storyOf(run: BuildRun, mode: 'min' | 'max', begun: number): BuildStory {
  const { options, context, platforms, materials } = run
  const { target, args = {}, labels = {}, secrets = {}, ssh = {} } = options
  return {
    mode,
    dockerfile: { name: options.dockerfile ?? 'Dockerfile', text: context.dockerfile },
    target,
    args,
    labels,
    secrets: Object.keys(secrets),
    ssh: Object.keys(ssh),
    platform: formatPlatform(platforms.target),
    builderPlatform: formatPlatform(platforms.build),
    materials: [...materials.values()],
    begun,
    ended: Date.now(),
  }
}
