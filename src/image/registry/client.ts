import { Failure, failure, messageOf } from '../../diagnostics/index.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { isDigest } from '../../oci/digest.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { MEDIA_TYPE } from '../../oci/media-types.ts'
import { familiarName, familiarReference, type Reference } from '../../oci/reference.ts'
import { manifestType, readBody, wrongAnswer } from './answer.ts'
import { unauthorized } from './authorization.ts'
import { scopeOf } from './authorizations.ts'
import { Connections, type RegistryClientOptions } from './connections.ts'
import { readingPlaces } from './settings/places.ts'
import { listTags } from './tags.ts'
import type { Answer, RequestShape } from './wire/transport.ts'

/** A manifest or index as the registry has it. */
export interface ManifestContent {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** A blob that is being read. */
export interface OpenBlob {
  readonly start: number
  readonly bytes: AsyncIterable<Buffer>
}

/** Bound of the distribution specification for manifests. */
const MAX_MANIFEST = 4 * 1024 * 1024

/** Kinds of manifests, those of several platforms first: a tag's digest is that of the whole. */
const MANIFEST_TYPES = [
  MEDIA_TYPE.index,
  MEDIA_TYPE.dockerIndex,
  MEDIA_TYPE.manifest,
  MEDIA_TYPE.dockerManifest,
].join(', ')

/**
 * Reads from registries by the OCI distribution API. What is read is compared with its digest and size. Every method raises
 * REGISTRY_UNREACHABLE, REGISTRY_BUSY, REGISTRY_UNAUTHORIZED, REGISTRY_NOT_FOUND,
 * REGISTRY_BLOCKED or REGISTRY_ANSWER. Mirrors are asked first.
 */
export class RegistryClient {
  readonly #connections: Connections
  readonly #signal: AbortSignal | undefined
  /** Mirrors that did not answer, which this client asks no more. */
  readonly #down = new Set<string>()

  constructor(options: RegistryClientOptions) {
    this.#connections = new Connections(options)
    this.#signal = options.signal
  }

  /** The digest that a tag stands for now, asked for without fetching anything where the registry says it. */
  async resolve(reference: Reference): Promise<string> {
    const headers = { accept: MANIFEST_TYPES }
    const response = await this.#request(reference, manifestPath(reference), { method: 'HEAD', headers })
    await response.discard()
    const digest = response.headers['docker-content-digest'] ?? ''
    return isDigest(digest) ? digest : (await this.manifest(reference)).digest
  }

  /** The manifest or index behind a tag or digest; `size`: what the index that names it says of its bytes. */
  async manifest(reference: Reference, size?: number): Promise<ManifestContent> {
    const headers = { accept: MANIFEST_TYPES }
    const response = await this.#request(reference, manifestPath(reference), { headers })
    const bytes = await readBody(response, MAX_MANIFEST, reference, this.#signal)
    const digest = digestOf(bytes)
    if (reference.digest !== undefined) checkDigest(reference, reference.digest, digest)
    if (size !== undefined) checkSize(reference, { digest, size }, bytes.length)
    return { digest, mediaType: manifestType(response, bytes), bytes }
  }

  /** The tags of a repository, in the registry's order. */
  tags(reference: Reference): Promise<readonly string[]> {
    return listTags(reference, path => this.#request(reference, path, {}), this.#signal)
  }

  /** The bytes that a descriptor of a manifest names; `limit` bounds them, in bytes. */
  async blob(reference: Reference, { digest, size }: Descriptor, limit: number): Promise<Uint8Array> {
    if (!isDigest(digest)) throw wrongAnswer(reference, `"${digest}" is not sha256:<64 hex>`)
    if (size > limit) throw wrongAnswer(reference, `${digest} has ${size} bytes, ${limit} are read`)
    const response = await this.#request(reference, `blobs/${digest}`, {})
    const bytes = await readBody(response, limit, reference, this.#signal)
    checkDigest(reference, digest, digestOf(bytes))
    checkSize(reference, { digest, size }, bytes.length)
    return bytes
  }

  /**
   * The bytes of a blob from `offset` on, unchecked, as they come. `start` is where they begin: 0 where a registry knows
   * no ranges. Reading raises what breaks the connection.
   */
  async open(reference: Reference, digest: string, offset: number): Promise<OpenBlob> {
    const headers = offset === 0 ? {} : { range: `bytes=${offset}-` }
    const response = await this.#request(reference, `blobs/${digest}`, { headers })
    const start = response.status === 206 ? rangeStart(response) : 0
    if (start !== undefined && start <= offset) return { start, bytes: response.body }
    await response.discard()
    throw wrongAnswer(reference, `asked for byte ${offset} on, it sends ${response.headers['content-range']}`)
  }

  /** Asks the mirrors and then the registry itself, which has the last word. */
  async #request(reference: Reference, path: string, shape: RequestShape): Promise<Answer> {
    const connections = this.#connections
    const places = readingPlaces(reference, await connections.settings())
    const failed: string[] = []
    let denied: Failure | undefined
    for (const place of places) {
      if (place.isMirror && this.#down.has(place.host)) continue
      try {
        const endpoint = await connections.endpoint(place)
        const scopes = [scopeOf(place.repository, 'pull')]
        const address = `/v2/${place.repository}/${path}`
        const answer = await connections.authorizations.send(endpoint, address, shape, scopes)
        if (answer.isOk) return answer
        await answer.discard()
        throw refusal(reference, path, answer.status)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        const isUnreachable = error.code === 'REGISTRY_UNREACHABLE'
        if (!place.isMirror) {
          // A mirror that was reached and knows no such name is an answer; a registry that was not is none.
          if (denied === undefined || !isUnreachable) throw withMirrors(error, failed)
          throw withMirrors(denied, [...failed, `${place.host}: ${messageOf(error)}`])
        }
        if (isUnreachable) this.#down.add(place.host)
        // A blob is asked for again when the registry is back.
        if (error.code === 'REGISTRY_NOT_FOUND' && !path.startsWith('blobs/')) denied = error
        failed.push(`mirror ${place.host}: ${messageOf(error)}`)
      }
    }
    throw wrongAnswer(reference, 'nobody was asked')
  }
}

/** Also says what mirrors said. */
function withMirrors(error: Failure, failed: readonly string[]): Error {
  const [first, ...others] = error.diagnostics
  if (first === undefined || failed.length === 0) return error
  const detail = [first.detail, ...failed].filter(line => line !== undefined).join('\n')
  return new Failure(error.kind, [{ ...first, detail }, ...others], error.cause)
}

function refusal(reference: Reference, path: string, status: number): Error {
  if (status === 401 || status === 403) return unauthorized(reference.domain)
  if (status !== 404) return wrongAnswer(reference, `the registry answered ${status}`)
  return failure({
    kind: 'notFound',
    code: 'REGISTRY_NOT_FOUND',
    summary: missing(reference, path),
    detail: `the registry "${reference.domain}" does not have it`,
    hint: 'check the name and the tag',
  })
}

/** In the words that people search for. */
function missing(reference: Reference, path: string): string {
  const [kind = '', what = ''] = path.split('/')
  if (kind === 'manifests') return `manifest for ${familiarReference(reference)} not found: manifest unknown`
  if (kind === 'tags') return `repository ${familiarName(reference)} not found: name unknown`
  return `blob ${what} of ${familiarReference(reference)} not found: blob unknown`
}

/** Where a part begins (RFC 9110, 14.4). */
function rangeStart(response: Answer): number | undefined {
  const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]
  return start === undefined ? undefined : Number(start)
}

function manifestPath({ tag, digest }: Reference): string {
  return `manifests/${digest ?? tag ?? 'latest'}`
}

function checkDigest(reference: Reference, wanted: string, got: string): void {
  if (got !== wanted) throw wrongAnswer(reference, `got bytes of digest ${got}, want ${wanted}`)
}

/** A descriptor with another size is no descriptor of the bytes, though they have its digest: others refuse the image for it. */
function checkSize(reference: Reference, { digest, size }: Descriptor, got: number): void {
  if (got !== size) throw wrongAnswer(reference, `${digest} has ${got} bytes, its descriptor says ${size}`)
}
