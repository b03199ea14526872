import type { AuthConfig, AuthResponse, ImageSearchItem, ImageSearchOptions } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { booleanFilter, checkFilters } from '../words/filters.ts'
import { unprompted } from './unprompted.ts'

/** Most that the hub gives to one question. */
const MOST_FOUND = 100

/** Shows credentials to the registry that they name; the hub where they name none. */
export async function logInto(auth: AuthConfig, signal: AbortSignal): Promise<AuthResponse> {
  const { logIn } = await import('../../image/registry/index.ts')
  const domain = domainOf(auth.serveraddress)
  const kept = await logIn(domain, auth, { signal })
  return { Status: 'Login Succeeded', IdentityToken: kept.identitytoken ?? '' }
}

/** Searches the hub or another registry, as `docker search` asks for it. */
export async function search(options: ImageSearchOptions): Promise<readonly ImageSearchItem[]> {
  const { term, limit, filters, auth } = options
  checkFilters(filters, ['is-official', 'is-automated', 'stars'])
  if (limit < 1 || limit > MOST_FOUND)
    throw failure({
      kind: 'invalidArgument',
      code: 'QUERY_INVALID',
      summary: `limit ${limit} is outside the range of [1, ${MOST_FOUND}]`,
    })
  const official = booleanFilter(filters, 'is-official')
  const automated = booleanFilter(filters, 'is-automated')
  const stars = Math.max(0, ...(filters['stars'] ?? []).map(Number))
  const { searchRegistry } = await import('../../image/registry/index.ts')
  const found = await searchRegistry(term, limit, { credentials: async () => auth }).catch(
    (error: unknown) => {
      throw unprompted(error)
    },
  )
  return (
    found
      .filter(({ isOfficial }) => official === undefined || official === isOfficial)
      // Nothing is automated any more, as with Docker.
      .filter(each => automated !== true && each.stars >= stars)
      .map(each => ({
        name: each.name,
        description: each.description,
        star_count: each.stars,
        is_official: each.isOfficial,
        is_automated: false,
      }))
  )
}

/** A registry as it stands in names, of what clients call it: `https://index.docker.io/v1/`, `localhost:5000`. */
function domainOf(address: string | undefined): string {
  const host = (address ?? '').replace(/^https?:\/\//, '').split('/')[0] ?? ''
  return ['', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host
}
