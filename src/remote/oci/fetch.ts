import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { ManifestContent, RegistryClient } from '../../image/registry/index.ts'
import { hexOf } from '../../oci/digest.ts'
import { isIndexType } from '../../oci/media-types.ts'
import { parseReference, type Reference } from '../../oci/reference.ts'
import type { OciReference, RemoteFile } from '../../parser/index.ts'
import type { RemoteCache } from '../cache.ts'
import { COMPOSE_FILE, filesOf } from './files.ts'
import {
  type ArtefactIndex,
  type ArtefactLayer,
  type ArtefactManifest,
  isProject,
  LAYER,
  projectOf,
} from './manifest.ts'

/** What fetching works with. */
export interface OciContext {
  readonly cache: RemoteCache
  readonly registry: RegistryClient
}

/** A Compose file is text that people have written. */
const MAX_FILE = 8 * 1024 * 1024
const MAX_LAYERS = 1000

/** The Compose file of an artefact, unpacked below the cache by its manifest's digest: a tag is asked for again each time. */
export async function fetchOci(
  reference: OciReference,
  { cache, registry }: OciContext,
): Promise<RemoteFile> {
  const name = parseReference(reference.name)
  try {
    const manifest = await projectManifest(name, registry)
    const root = await cache.ensure(`oci/${hexOf(manifest.digest)}`, folder =>
      unpack(folder, manifest, name, registry),
    )
    return { path: join(root, COMPOSE_FILE), root }
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'REGISTRY_UNREACHABLE') throw error
    throw unreachable(reference, error)
  }
}

/** The artefact's manifest; in an index, which has its images too, the one of the project. */
async function projectManifest(name: Reference, registry: RegistryClient): Promise<ManifestContent> {
  const found = await registry.manifest(name)
  if (!isIndexType(found.mediaType)) return found
  const project = projectOf(read<ArtefactIndex>(found, name))
  if (project === undefined) throw notCompose(name, 'it is an index without a Compose project')
  return registry.manifest({ domain: name.domain, path: name.path, digest: project.digest }, project.size)
}

async function unpack(
  folder: string,
  content: ManifestContent,
  name: Reference,
  registry: RegistryClient,
): Promise<void> {
  const manifest = read<ArtefactManifest>(content, name)
  if (!isProject(manifest))
    throw notCompose(name, `its type is "${manifest.artifactType ?? manifest.config?.mediaType ?? ''}"`)
  const layers = (manifest.layers ?? []).filter(
    ({ mediaType }) => mediaType === LAYER.file || mediaType === LAYER.envFile,
  )
  if (layers.length > MAX_LAYERS) throw notCompose(name, `it has ${layers.length} files`)
  const fetchLayer = async (layer: ArtefactLayer) => ({
    layer,
    bytes: await registry.blob(name, layer, MAX_FILE),
  })
  const files = filesOf(await Promise.all(layers.map(fetchLayer)))
  if (!files.has(COMPOSE_FILE)) throw notCompose(name, 'it has no Compose file')
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), bytes, { mode: 0o600, flag: 'wx' })
  }
}

function read<T extends object>({ bytes }: ManifestContent, name: Reference): T {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (typeof value === 'object' && value !== null) return value as T
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw notCompose(name, 'its manifest is no JSON object')
}

function notCompose({ domain, path }: Reference, detail: string): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'REMOTE_NOT_COMPOSE',
    summary: `"${domain}/${path}" is no Compose artefact`,
    detail,
    hint: 'publish one with docker compose publish',
  })
}

function unreachable({ text }: OciReference, cause: Failure): Error {
  const [reason] = cause.diagnostics
  return failure({
    kind: 'unavailable',
    code: 'REMOTE_UNREACHABLE',
    summary: `cannot reach ${text}`,
    ...(reason?.detail === undefined ? {} : { detail: reason.detail }),
    hint: 'check the name of the registry and the network',
    cause,
  })
}
