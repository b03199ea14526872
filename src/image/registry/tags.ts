import type { Reference } from '../../oci/reference.ts'
import { fieldsOf, readBody, wrongAnswer } from './answer.ts'
import type { Answer } from './wire/transport.ts'

/** Bytes of one page: the longest tags, a few ten thousand of them. */
const MAX_PAGE = 4 * 1024 * 1024
/** More tags than any repository has: a registry that always has one more page is lying. */
const MAX_TAGS = 100_000

/** The tags of a repository, page by page as the registry links them; `get` asks for a path below the repository. */
export async function listTags(
  reference: Reference,
  get: (path: string) => Promise<Answer>,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const all = new Set<string>()
  for (let path: string | undefined = 'tags/list'; path !== undefined; ) {
    const answer = await get(path)
    const { tags } = fieldsOf(Buffer.from(await readBody(answer, MAX_PAGE, reference, signal)).toString())
    const before = all.size
    // A repository whose last tag is gone says null.
    for (const tag of Array.isArray(tags) ? tags : []) if (typeof tag === 'string') all.add(tag)
    if (all.size > MAX_TAGS) throw wrongAnswer(reference, `it has more than ${MAX_TAGS} tags`)
    path = all.size === before ? undefined : nextPage(answer)
  }
  return [...all]
}

/** Where the next page is (RFC 8288). Nothing but its query is taken: a link does not decide who is asked. */
function nextPage({ headers }: Answer): string | undefined {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(headers['link'] ?? '')?.[1]
  const query = target?.split('?')[1]
  return query === undefined ? undefined : `tags/list?${query}`
}
