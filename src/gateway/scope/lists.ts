import { decodeQuery } from '../../api/server/decode/query.ts'
import type { ContainerSummary, Filters } from '../../api/types/index.ts'
import type { Holdings } from './holdings.ts'
import { outOfScope } from './refusals.ts'

type Query = Readonly<Record<string, string>>

/** The filters of a query, in either of Docker's forms. Errors: QUERY_INVALID. */
export function filtersOf(query: Query): Filters {
  const { filters } = decodeQuery({ filters: 'filters' }, new URLSearchParams(query))
  return filters as Filters
}

/** Filters that compare with another thing: what is said of one that is not there tells whether it is. */
const REFERENCES = ['before', 'since'] as const

/** The containers that a client asked for; a filter that names one means one of the scope. Errors: CONTAINER_NOT_FOUND, QUERY_INVALID. */
export async function listContainers(
  holdings: Holdings,
  query: Query,
  version: string,
): Promise<readonly ContainerSummary[]> {
  const { limit, ...rest } = query
  const filters: Record<string, readonly string[]> = { ...filtersOf(query) }
  for (const name of REFERENCES) {
    const values = filters[name] ?? []
    if (values.length > 0) filters[name] = await Promise.all(values.map(value => holdings.containerId(value)))
  }
  const count = Number(limit ?? 0)
  // The newest so many of the scope: of each of its projects there may be none among the newest of all.
  if (!(count > 0)) return holdings.listContainers(rest, filters, version)
  return (await holdings.listContainers({ ...rest, all: '1' }, filters, version)).slice(0, count)
}

/** A query for images. Errors: SCOPE_REFUSED where it compares with another image, which may be anybody's. */
export function withoutReferences(query: Query): Query {
  const filters = filtersOf(query)
  const name = REFERENCES.find(each => filters[each] !== undefined)
  if (name === undefined) return query
  throw outOfScope(`List images by "${name}": it compares with an image that may be another project's`)
}
