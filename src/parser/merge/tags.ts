import type { Entry, Node } from '../tree/node.ts'

/** Ends the work of `!reset` and `!override`: what is reset goes, marks go. */
export function finishTags(node: Node): Node | undefined {
  if (node.tag === 'reset') return undefined
  const bare = node.tag === undefined ? node : withoutTag(node)
  if (bare.kind === 'list') {
    const items = bare.items.map(finishTags)
    if (items.every((item, index) => item === bare.items[index])) return bare
    return { ...bare, items: items.filter(item => item !== undefined) }
  }
  if (bare.kind !== 'map') return bare
  let entries: Map<string, Entry> | undefined
  for (const [key, entry] of bare.entries) {
    const finished = finishTags(entry.node)
    if (finished === entry.node) continue
    entries ??= new Map(bare.entries)
    if (finished === undefined) entries.delete(key)
    else entries.set(key, { ...entry, node: finished })
  }
  return entries ? { ...bare, entries } : bare
}

function withoutTag({ tag: _tag, ...bare }: Node): Node {
  return bare
}
