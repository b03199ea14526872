import { failure } from '../../diagnostics/index.ts'
import { beginningOf, fieldsOf } from './answer.ts'
import { loginHint } from './authorization.ts'
import { Connections, type RegistryClientOptions } from './connections.ts'
import type { Endpoint } from './endpoint.ts'
import { registryPlace } from './settings/places.ts'

/** A repository that a search found. */
export interface FoundRepository {
  readonly name: string
  readonly description: string
  readonly isOfficial: boolean
  readonly stars: number
}

/** Where the hub searches, which is no part of its registry. */
const HUB_SEARCH = 'https://index.docker.io/v1/search'
const MAX_ANSWER = 4 * 1024 * 1024
/** Repositories of a registry's list that are looked through. */
const LISTED = 1000

/**
 * Searches the hub, or the registry that the term begins with (`localhost:5000/app`): by Docker's search of version 1, and where
 * there is none, in the list of what the registry has. Raises what a read of a registry raises.
 */
export async function searchRegistry(
  term: string,
  limit: number,
  options: RegistryClientOptions,
): Promise<readonly FoundRepository[]> {
  const { domain, words } = split(term)
  const connections = new Connections(options)
  const endpoint = await connections.endpoint(registryPlace(domain, await connections.settings()))
  const query = new URLSearchParams({ q: words, n: String(limit) })
  const path = domain === 'docker.io' ? new URL(`${HUB_SEARCH}?${query}`) : `/v1/search?${query}`
  const answer = await connections.authorizations.send(endpoint, path, {}, [])
  if (answer.isOk) return found(fieldsOf(await beginningOf(answer, MAX_ANSWER)), domain).slice(0, limit)
  await answer.discard()
  if (answer.status !== 404 || domain === 'docker.io') throw noSearch(domain, answer.status)
  return listed(connections, endpoint, domain, words, limit)
}

async function listed(
  connections: Connections,
  endpoint: Endpoint,
  domain: string,
  words: string,
  limit: number,
): Promise<readonly FoundRepository[]> {
  const answer = await connections.authorizations.send(endpoint, `/v2/_catalog?n=${LISTED}`, {}, [])
  if (!answer.isOk) {
    await answer.discard()
    throw noSearch(domain, answer.status)
  }
  const { repositories } = fieldsOf(await beginningOf(answer, MAX_ANSWER))
  const names = Array.isArray(repositories) ? repositories.filter(name => typeof name === 'string') : []
  return names
    .filter(name => name.includes(words))
    .slice(0, limit)
    .map(name => ({ name: `${domain}/${name}`, description: '', isOfficial: false, stars: 0 }))
}

function found({ results }: Readonly<Record<string, unknown>>, domain: string): readonly FoundRepository[] {
  if (!Array.isArray(results)) return []
  return results.flatMap(each => {
    const { name, description, is_official, star_count } = (each ?? {}) as Readonly<Record<string, unknown>>
    if (typeof name !== 'string') return []
    return [
      {
        name: domain === 'docker.io' ? name : `${domain}/${name}`,
        description: typeof description === 'string' ? description : '',
        isOfficial: is_official === true,
        stars: typeof star_count === 'number' ? star_count : 0,
      },
    ]
  })
}

/** A term is no reference: `UPPER case` is searched for as well. */
function split(term: string): { readonly domain: string; readonly words: string } {
  const slash = term.indexOf('/')
  const first = slash === -1 ? '' : term.slice(0, slash)
  const isDomain = /[.:]/.test(first) || first === 'localhost'
  const hub = ['docker.io', 'index.docker.io'].includes(first)
  return { domain: isDomain && !hub ? first : 'docker.io', words: isDomain ? term.slice(slash + 1) : term }
}

function noSearch(domain: string, status: number): Error {
  return failure({
    kind: status === 401 || status === 403 ? 'unauthorized' : 'unavailable',
    code: status === 401 || status === 403 ? 'REGISTRY_UNAUTHORIZED' : 'REGISTRY_ANSWER',
    summary: `the registry "${domain}" cannot be searched`,
    detail: `it answers ${status}${status === 401 ? ': it wants a login' : status === 403 ? ': this login may not' : ''}`,
    ...(status === 401 || status === 403 ? { hint: loginHint(domain) } : {}),
  })
}
