import { failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import { familiarReference, parseReference } from '../../oci/reference.ts'
import { planPush, TOOL_VERSION } from '../../planner/index.ts'
import type { ArtefactFile } from '../../remote/oci/publish.ts'
import { whileConnected } from '../connected-project.ts'
import { connectEngine } from '../engine.ts'
import { ProjectFailure } from '../failures.ts'
import { lockedServices, pinImages } from '../image-digests.ts'
import { openModel } from '../model.ts'
import { lazyCredentials } from '../remote.ts'
import { runPlan, type WorkOptions } from '../run-plan.ts'
import { environmentOf, type Target } from '../target.ts'
import { checkPublishable, findingsOf, type PublishFindings } from './findings.ts'

export interface PublishRequest extends WorkOptions {
  /** `1.0` is for registries that know nothing of artefacts with types; default: `1.1`. */
  readonly ociVersion?: '1.0' | '1.1'
  /** Variables, and the files that they are in, may be told. */
  readonly withEnvironment?: boolean
  /** Adds a file that pins the images to what their registries have now. */
  readonly resolveImageDigests?: boolean
  /** Is asked where something would be published that should not by mistake; what it throws ends the work. */
  readonly approve?: (findings: PublishFindings) => Promise<void>
}

/** What was published, or would be. */
export interface Published {
  /** `localhost:5000/shop:latest`. */
  readonly reference: string
  /** Of the artefact; undefined for a dry run. */
  readonly digest: string | undefined
  /** Names of the files in it, the Compose files first. */
  readonly files: readonly string[]
}

/**
 * Publishes the project's files, all profiles of them, as an OCI artefact that `-f oci://REPOSITORY` reads, here and with Docker
 * Compose; images that services build and name are pushed before. Errors: PUBLISH_UNFIT, PUBLISH_ENVIRONMENT, REGISTRY_*.
 */
export async function publish(
  target: Target,
  repository: string,
  request: PublishRequest = {},
): Promise<Published> {
  const { withEnvironment = false, ociVersion = '1.1', dryRun } = request
  const named = parseReference(repository)
  const reference = { ...named, tag: named.tag ?? 'latest' }
  if (named.digest !== undefined)
    throw failure({
      code: 'PUBLISH_UNFIT',
      kind: 'invalidArgument',
      summary: `name a repository with a tag, got "${repository}"`,
    })
  const project = await openModel(target, { profiles: ['*'] })
  checkPublishable(project, withEnvironment)
  const { gatherFiles } = await import('./gather.ts')
  const files = [...gatherFiles(project), ...(request.resolveImageDigests ? [await pinning(project)] : [])]
  const findings = findingsOf(project, withEnvironment)
  if (findings.bindMounts.length + findings.secrets.length > 0) await request.approve?.(findings)
  const published = { reference: familiarReference(reference), files: files.map(({ name }) => name) }
  if (dryRun === true) return { ...published, digest: undefined }
  await pushImages(target, project, request)
  const { RegistryWriter } = await import('../../image/registry/index.ts')
  const { publishArtefact } = await import('../../remote/oci/publish.ts')
  const writer = new RegistryWriter({ credentials: lazyCredentials })
  const options = { ociVersion, toolVersion: TOOL_VERSION, created: new Date() }
  return { ...published, digest: await publishArtefact(reference, files, writer, options) }
}

/** Nobody need have the images of a project that is published; where none is built no engine is needed. */
async function pushImages(target: Target, project: Project, request: WorkOptions): Promise<void> {
  if (planPush(project).operations.length === 0) return
  const connecting = connectEngine(environmentOf(target)).then(docker => ({ target, project, docker }))
  await whileConnected(connecting, connected =>
    runPlan(connected, () => planPush(project, { ignoreFailures: true }), request),
  )
}

/** An override file with the images' digests. */
async function pinning(project: Project): Promise<ArtefactFile> {
  const { RegistryClient } = await import('../../image/registry/index.ts')
  const registry = new RegistryClient({ credentials: lazyCredentials })
  const { services } = project.model
  const { images, diagnostics } = await pinImages(services, project, reference => registry.resolve(reference))
  if (diagnostics.length > 0) throw new ProjectFailure(diagnostics)
  const text = JSON.stringify({ services: lockedServices(services, images) }, null, 2)
  return { kind: 'compose', name: 'image-digests.yaml', content: Buffer.from(`${text}\n`) }
}
