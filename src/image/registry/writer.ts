import { failure } from '../../diagnostics/index.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { canonicalReference, familiarReference, type Reference } from '../../oci/reference.ts'
import { beginningOf, fieldsOf, wrongAnswer } from './answer.ts'
import { unauthorized } from './authorization.ts'
import { scopeOf } from './authorizations.ts'
import type { ManifestContent } from './client.ts'
import { Connections, type RegistryClientOptions } from './connections.ts'
import { writingPlace } from './settings/places.ts'
import { isPassing } from './wire/patience.ts'
import type { Answer, RequestShape } from './wire/transport.ts'

/** An upload that a registry has begun: where its bytes are to be sent. */
export type UploadAddress = URL

/** Most of a registry's own words that are shown. */
const MAX_WORDS = 2000

/**
 * Writes to registries by the OCI distribution API. Every method raises REGISTRY_UNREACHABLE, REGISTRY_BUSY,
 * REGISTRY_UNAUTHORIZED, REGISTRY_BLOCKED or REGISTRY_ANSWER.
 */
export class RegistryWriter {
  readonly #connections: Connections

  constructor(options: RegistryClientOptions) {
    this.#connections = new Connections(options)
  }

  /** Whether the repository has a blob. */
  async hasBlob(repository: Reference, digest: string): Promise<boolean> {
    const answer = await this.#send(repository, `blobs/${digest}`, { method: 'HEAD' })
    await answer.discard()
    if (answer.isOk || answer.status === 404) return answer.isOk
    throw await refusal(repository, answer)
  }

  /**
   * Has a blob of another repository of the registry, by its path, put into this one. A registry that does not (it has it no more, or
   * we may not read it there) begins an upload instead.
   */
  async mountBlob(repository: Reference, digest: string, from: string): Promise<'mounted' | UploadAddress> {
    const path = `blobs/uploads/?${new URLSearchParams({ mount: digest, from })}`
    const answer = await this.#send(repository, path, { method: 'POST' }, [scopeOf(from, 'pull')])
    await answer.discard()
    if (answer.status === 201) return 'mounted'
    return this.#begun(repository, answer)
  }

  /** Begins an upload. */
  async beginUpload(repository: Reference): Promise<UploadAddress> {
    const answer = await this.#send(repository, 'blobs/uploads/', { method: 'POST' })
    await answer.discard()
    return this.#begun(repository, answer)
  }

  /**
   * Sends the bytes of a blob, whose digest need not be known yet. `finish` tells it the registry, which has nothing of them until
   * then. UPLOAD_BROKEN: it is to be begun anew.
   */
  async sendBytes(
    repository: Reference,
    address: UploadAddress,
    bytes: () => AsyncIterable<Uint8Array>,
  ): Promise<UploadAddress> {
    const headers = { 'content-type': 'application/octet-stream' }
    const answer = await this.#send(repository, address, { method: 'PATCH', headers, body: bytes })
    await answer.discard()
    if (isPassing(answer.status) || answer.status === 404 || answer.status === 416)
      throw broken(repository, answer.status)
    return this.#begun(repository, answer)
  }

  /** Ends an upload: from now on the repository has the blob. Raises REGISTRY_ANSWER when it got other bytes. */
  async finish(
    repository: Reference,
    address: UploadAddress,
    digest: string,
    content?: Uint8Array,
  ): Promise<void> {
    const target = new URL(address)
    target.searchParams.set('digest', digest)
    const headers = { 'content-type': 'application/octet-stream' }
    const answer = await this.#send(repository, target, {
      method: 'PUT',
      headers,
      body: content ?? new Uint8Array(),
    })
    // A request that was sent again since its answer got lost ends what has ended.
    if (answer.status === 404 && (await this.hasBlob(repository, digest))) return answer.discard()
    if (answer.status !== 201 && answer.status !== 204) throw await refusal(repository, answer)
    await answer.discard()
  }

  /** Puts a blob that is small. */
  async putBlob(repository: Reference, { digest }: Descriptor, content: Uint8Array): Promise<void> {
    await this.finish(repository, await this.beginUpload(repository), digest, content)
  }

  /** Puts a manifest under the tag of the reference, or its digest where it has none. Its blobs must be there. */
  async putManifest(reference: Reference, { digest, mediaType, bytes }: ManifestContent): Promise<void> {
    const path = `manifests/${reference.tag ?? digest}`
    const headers = { 'content-type': mediaType }
    const answer = await this.#send(reference, path, { method: 'PUT', headers, body: bytes })
    if (!answer.isOk) throw await refusal(reference, answer)
    await answer.discard()
    const stored = answer.headers['docker-content-digest']
    if (stored !== undefined && stored !== digest)
      throw wrongAnswer(reference, `it stored the manifest ${digest} as ${stored}`)
  }

  async #send(
    repository: Reference,
    path: string | URL,
    shape: RequestShape,
    furtherScopes: readonly string[] = [],
  ): Promise<Answer> {
    const place = writingPlace(repository, await this.#connections.settings())
    const endpoint = await this.#connections.endpoint(place)
    const scopes = [scopeOf(place.repository, 'pull,push'), ...furtherScopes]
    const address = path instanceof URL ? path : `/v2/${place.repository}/${path}`
    return this.#connections.authorizations.send(endpoint, address, shape, scopes)
  }

  async #begun(repository: Reference, answer: Answer): Promise<UploadAddress> {
    if (answer.status !== 202 && answer.status !== 204) throw await refusal(repository, answer)
    const location = answer.headers['location']
    if (location === undefined || !URL.canParse(location, answer.address.href))
      throw wrongAnswer(repository, `it begins an upload at "${location ?? ''}"`)
    return new URL(location, answer.address)
  }
}

function broken(repository: Reference, status: number): Error {
  return failure({
    kind: 'unavailable',
    code: 'UPLOAD_BROKEN',
    summary: `the upload to "${familiarReference(repository)}" broke off`,
    detail: `the registry answered ${status}`,
  })
}

/** What the registry said, in its own words where it has some (`{"errors": [{"code": …, "message": …}]}`). */
async function refusal(reference: Reference, answer: Answer): Promise<Error> {
  const words = await wordsOf(answer)
  if (answer.status === 401 || answer.status === 403) return unauthorized(reference.domain, words)
  const said = words === undefined ? '' : `: ${words}`
  return wrongAnswer(
    reference,
    `${canonicalReference(reference)}: the registry answered ${answer.status}${said}`,
  )
}

async function wordsOf(answer: Answer): Promise<string | undefined> {
  const { errors } = fieldsOf(await beginningOf(answer, MAX_WORDS))
  if (!Array.isArray(errors)) return undefined
  const words = errors.map((each: { readonly code?: unknown; readonly message?: unknown } | null) =>
    [each?.code, each?.message].filter(part => typeof part === 'string').join(' '),
  )
  return words.join('; ')
}
