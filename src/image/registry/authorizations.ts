import type { CredentialSource } from '../../oci/credentials.ts'
import { authorize } from './authorization.ts'
import type { Endpoint } from './endpoint.ts'
import type { Answer, RequestShape } from './wire/transport.ts'

/** What may be done with a repository, as tokens have it: `repository:team/app:pull,push`. */
export function scopeOf(repository: string, actions: 'pull' | 'pull,push'): string {
  return `repository:${repository}:${actions}`
}

/** `Authorization` headers, by registry and scopes. One that a registry takes no longer is renewed once for all who have it. */
export class Authorizations {
  readonly #source: CredentialSource
  readonly #known = new Map<string, string>()
  readonly #renewals = new Map<string, Promise<string>>()

  constructor(source: CredentialSource) {
    this.#source = source
  }

  /**
   * Sends a request as who we are to the registry; a 401 in answer is asked about and the request sent once more, so that it may
   * be 401 again. Raises REGISTRY_UNAUTHORIZED where there is nothing to show.
   */
  async send(
    endpoint: Endpoint,
    path: string | URL,
    shape: RequestShape,
    scopes: readonly string[],
  ): Promise<Answer> {
    // A store of somebody else, where an upload goes: the address that the registry gave says all.
    if (path instanceof URL && !endpoint.place.origins.includes(path.origin))
      return endpoint.request(path, shape)
    const key = `${endpoint.place.host} ${scopes.join(' ')}`
    const sent = this.#known.get(key)
    const answer = await endpoint.request(path, withAuthorization(shape, sent))
    if (answer.status !== 401) return answer
    await answer.discard()
    const renewed = await this.#renew(key, sent, answer, endpoint, scopes)
    return endpoint.request(path, withAuthorization(shape, renewed))
  }

  #renew(
    key: string,
    sent: string | undefined,
    refused: Answer,
    endpoint: Endpoint,
    scopes: readonly string[],
  ): Promise<string> {
    const known = this.#known.get(key)
    // Somebody else was refused, too, and has a new one by now.
    if (known !== undefined && known !== sent) return Promise.resolve(known)
    const renewal =
      this.#renewals.get(key) ??
      authorize(refused, endpoint, this.#source, scopes)
        .then(authorization => {
          this.#known.set(key, authorization)
          return authorization
        })
        .finally(() => this.#renewals.delete(key))
    this.#renewals.set(key, renewal)
    return renewal
  }
}

function withAuthorization(shape: RequestShape, authorization: string | undefined): RequestShape {
  if (authorization === undefined) return shape
  return { ...shape, headers: { ...shape.headers, authorization } }
}
