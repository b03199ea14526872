import { failure } from '../../diagnostics/index.ts'
import type { RegistryWriter } from '../../image/registry/index.ts'
import type { Project } from '../../model/index.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { familiarReference, parseReference, type Reference } from '../../oci/reference.ts'
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
  /** Copies the images into the repository, too, and pins them. */
  readonly withImages?: boolean
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
  /** Names of the images that are copied beside it. */
  readonly images: readonly string[]
}

/**
 * Publishes the project's files, all profiles of them, as an OCI artefact that `-f oci://REPOSITORY` reads, here and with Docker
 * Compose; images that services build and name are pushed before. `withImages` copies all images into its repository, and has the registry
 * know that they belong to it: whoever mirrors the artefact with what refers to it has them all. Errors: PUBLISH_UNFIT, PUBLISH_ENVIRONMENT, REGISTRY_*.
 */
export async function publish(
  target: Target,
  repository: string,
  request: PublishRequest = {},
): Promise<Published> {
  const { withEnvironment = false, withImages = false, ociVersion = '1.1', dryRun } = request
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
  const gathered = gatherFiles(project)
  const findings = findingsOf(project, withEnvironment)
  if (findings.bindMounts.length + findings.secrets.length > 0) await request.approve?.(findings)
  if (dryRun !== true) await pushImages(target, project, request)
  const isPinned = request.resolveImageDigests === true || withImages
  const pinned = isPinned ? await pinning(project, dryRun === true) : undefined
  const files = pinned === undefined ? gathered : [...gathered, pinned.file]
  const images = withImages ? [...new Set(pinned?.images.values())] : []
  const published = { reference: familiarReference(reference), files: files.map(({ name }) => name), images }
  if (dryRun === true) return { ...published, digest: undefined }
  const { RegistryWriter } = await import('../../image/registry/index.ts')
  const { publishArtefact } = await import('../../remote/oci/publish.ts')
  const writer = new RegistryWriter({ credentials: lazyCredentials })
  const options = { ociVersion, toolVersion: TOOL_VERSION, created: new Date() }
  const artefact = await publishArtefact(reference, files, writer, options)
  if (withImages) await publishImages(reference, artefact, images, writer)
  return { ...published, digest: artefact.digest }
}

/** Copies images beside an artefact, and has the registry know that they belong to it. */
async function publishImages(
  reference: Reference,
  artefact: Descriptor,
  images: readonly string[],
  writer: RegistryWriter,
): Promise<void> {
  const { copyImage, RegistryClient } = await import('../../image/registry/index.ts')
  const { publishImageIndex } = await import('../../remote/oci/publish.ts')
  const client = new RegistryClient({ credentials: lazyCredentials })
  const copied: Descriptor[] = []
  for (const image of images)
    copied.push(await copyImage({ client, writer, from: parseReference(image), to: reference }))
  await publishImageIndex(reference, artefact, copied, writer, TOOL_VERSION)
}

/** Nobody need have the images of a project that is published; where none is built no engine is needed. */
async function pushImages(target: Target, project: Project, request: WorkOptions): Promise<void> {
  if (planPush(project).operations.length === 0) return
  const connecting = connectEngine(environmentOf(target)).then(docker => ({ target, project, docker }))
  await whileConnected(connecting, connected =>
    runPlan(connected, () => planPush(project, { ignoreFailures: true }), request),
  )
}

/** An override file with the images' digests, and these by service. Of what is built here the registry has none in a dry run. */
async function pinning(
  project: Project,
  isDry: boolean,
): Promise<{ readonly file: ArtefactFile; readonly images: ReadonlyMap<string, string> }> {
  const { RegistryClient } = await import('../../image/registry/index.ts')
  const registry = new RegistryClient({ credentials: lazyCredentials })
  const services = Object.fromEntries(
    Object.entries(project.model.services).filter(([, { build }]) => !isDry || build === undefined),
  )
  const { images, diagnostics } = await pinImages(services, project, reference => registry.resolve(reference))
  if (diagnostics.length > 0) throw new ProjectFailure(diagnostics)
  const text = JSON.stringify({ services: lockedServices(services, images) }, null, 2)
  const content = Buffer.from(`${text}\n`)
  return { file: { kind: 'compose', name: 'image-digests.yaml', content }, images }
}
