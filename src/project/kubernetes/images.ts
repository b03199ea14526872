import { type Diagnostic, Failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import type { DeployRequest, DeployWork } from '../cluster/cluster.ts'
import { ProjectFailure } from '../failures.ts'
import { pinImages } from '../image-digests.ts'
import { push } from '../lifecycle.ts'
import { lazyCredentials } from '../remote.ts'
import type { Target } from '../target.ts'
import type { Converted } from './convert.ts'

/** Refuses images that are built here and have no name of a registry: no node could pull them. Raises ProjectFailure with their lines. */
export function checkImages({ conversion, sources }: Converted): void {
  const problems = conversion.losses
    .filter(({ code }) => code === 'KUBERNETES_IMAGE')
    .map((loss): Diagnostic => ({ ...loss, severity: 'error' }))
  if (problems.length > 0) throw new ProjectFailure(problems, sources)
}

/**
 * Images that services build, by service, with the digests that their registries have for them: so another image of the same name
 * makes other pods. They are pushed before, unless nothing is to be done. Raises what pushing raises.
 */
export async function builtImages(
  target: Target,
  project: Project,
  { push: isPushed = true }: DeployRequest,
  work: DeployWork,
): Promise<ReadonlyMap<string, string>> {
  const built = Object.entries(project.model.services).filter(
    ([, { build, image }]) => build !== undefined && image !== undefined,
  )
  if (built.length === 0) return new Map()
  if (isPushed && work.dryRun === false) {
    const { onEvent, signal } = work
    await push(target, {
      services: built.map(([name]) => name),
      ...(onEvent === undefined ? {} : { onEvent }),
      ...(signal === undefined ? {} : { signal }),
    })
  }
  const { RegistryClient } = await import('../../image/registry/index.ts')
  const client = new RegistryClient({ credentials: lazyCredentials })
  const { images, diagnostics } = await pinImages(Object.fromEntries(built), project, reference =>
    client.resolve(reference),
  )
  // What is in no registry yet keeps its name in a plan.
  if (diagnostics.length > 0 && work.dryRun === false) throw new Failure('unavailable', diagnostics)
  return images
}
