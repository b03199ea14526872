import { failure } from '../../diagnostics/index.ts'
import type { CredentialSource } from '../../oci/credentials.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { isDigest } from '../../oci/digest.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { MEDIA_TYPE } from '../../oci/media-types.ts'
import { familiarReference, type Reference } from '../../oci/reference.ts'
import { manifestType, readBody, wrongAnswer } from './answer.ts'
import { authorize, unauthorized } from './authorization.ts'
import { Endpoint, type RequestShape } from './endpoint.ts'
import { bodyOf } from './idle.ts'

/** A manifest or index as the registry has it. */
export interface ManifestContent {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** A blob that is being read. */
export interface OpenBlob {
  readonly start: number
  readonly bytes: AsyncGenerator<Buffer>
}

export interface RegistryClientOptions {
  readonly credentials: CredentialSource
  readonly signal?: AbortSignal
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
 * Reads from registries by the OCI distribution API. What is read is compared with its digest. Every method raises
 * REGISTRY_UNREACHABLE, REGISTRY_UNAUTHORIZED, REGISTRY_NOT_FOUND or REGISTRY_ANSWER.
 */
export class RegistryClient {
  readonly #options: RegistryClientOptions
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #authorizations = new Map<string, string>()

  constructor(options: RegistryClientOptions) {
    this.#options = options
  }

  /** The digest that a tag stands for now, asked for without fetching anything where the registry says it. */
  async resolve(reference: Reference): Promise<string> {
    const headers = { accept: MANIFEST_TYPES }
    const response = await this.#request(reference, manifestPath(reference), { method: 'HEAD', headers })
    const digest = response.headers.get('docker-content-digest') ?? ''
    return isDigest(digest) ? digest : (await this.manifest(reference)).digest
  }

  /** The manifest or index behind a tag or digest. */
  async manifest(reference: Reference): Promise<ManifestContent> {
    const headers = { accept: MANIFEST_TYPES }
    const response = await this.#request(reference, manifestPath(reference), { headers })
    const bytes = await readBody(response, MAX_MANIFEST, reference)
    const digest = digestOf(bytes)
    if (reference.digest !== undefined) checkDigest(reference, reference.digest, digest)
    return { digest, mediaType: manifestType(response, bytes), bytes }
  }

  /** The bytes that a descriptor of a manifest names; `limit` bounds them, in bytes. */
  async blob(reference: Reference, { digest, size }: Descriptor, limit: number): Promise<Uint8Array> {
    if (!isDigest(digest)) throw wrongAnswer(reference, `"${digest}" is not sha256:<64 hex>`)
    if (size > limit) throw wrongAnswer(reference, `${digest} has ${size} bytes, ${limit} are read`)
    const response = await this.#request(reference, `blobs/${digest}`, {})
    const bytes = await readBody(response, limit, reference)
    checkDigest(reference, digest, digestOf(bytes))
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
    if (start !== undefined && start <= offset) return { start, bytes: bodyOf(response) }
    await response.body?.cancel()
    throw wrongAnswer(
      reference,
      `asked for byte ${offset} on, it sends ${response.headers.get('content-range')}`,
    )
  }

  async #request(reference: Reference, path: string, shape: RequestShape): Promise<Response> {
    const { domain, path: repository } = reference
    const endpoint = this.#endpointOf(domain)
    const key = `${domain}/${repository}`
    const send = (): Promise<Response> => {
      const authorization = this.#authorizations.get(key)
      const headers = { ...shape.headers, ...(authorization === undefined ? {} : { authorization }) }
      return endpoint.request(`/v2/${repository}/${path}`, { ...shape, headers })
    }
    let response = await send()
    if (response.status === 401) {
      await response.body?.cancel()
      this.#authorizations.set(key, await authorize(response, domain, endpoint, this.#options.credentials))
      response = await send()
    }
    if (response.ok) return response
    await response.body?.cancel()
    throw refusal(reference, response.status)
  }

  #endpointOf(domain: string): Endpoint {
    const endpoint = this.#endpoints.get(domain) ?? new Endpoint(domain, this.#options.signal)
    this.#endpoints.set(domain, endpoint)
    return endpoint
  }
}

function refusal(reference: Reference, status: number): Error {
  if (status === 401 || status === 403) return unauthorized(reference.domain)
  if (status !== 404) return wrongAnswer(reference, `the registry answered ${status}`)
  return failure({
    kind: 'notFound',
    code: 'REGISTRY_NOT_FOUND',
    summary: `the registry "${reference.domain}" has no "${familiarReference(reference)}"`,
    hint: 'check the name and the tag',
  })
}

/** Where a part begins (RFC 9110, 14.4). */
function rangeStart(response: Response): number | undefined {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]
  return start === undefined ? undefined : Number(start)
}

function manifestPath({ tag, digest }: Reference): string {
  return `manifests/${digest ?? tag ?? 'latest'}`
}

function checkDigest(reference: Reference, wanted: string, got: string): void {
  if (got !== wanted) throw wrongAnswer(reference, `got bytes of digest ${got}, want ${wanted}`)
}
