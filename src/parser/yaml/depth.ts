import type { CST } from 'yaml'

/** How many collections may stand in one another. The parser's next step recurses, so a limit must come before the stack's. */
const LEVELS = 500

/** The first collection below too many levels; undefined where there is none. Without recursion, for the same reason. */
export function tooDeep(document: CST.Token): CST.Token | undefined {
  const open: (readonly [CST.Token, number])[] = [[document, 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [token, level] = next
    if (level > LEVELS && 'items' in token) return token
    for (const part of partsOf(token)) open.push([part, level + 1])
  }
  return undefined
}

function partsOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : []
  if (!('items' in token)) return []
  return token.items.flatMap(({ key, value }) =>
    [key, value].filter(part => part !== undefined && part !== null),
  )
}
