/** Pattern of a path: dotted keys, `*` for any key, `[]` for any list item. */
export type Pattern = string

/** A rule for all paths that a pattern matches. */
export type RuleTable<Rule> = readonly (readonly [Pattern, Rule])[]

interface TrieNode<Rule> {
  readonly keys: Map<string, TrieNode<Rule>>
  rule?: Rule
}

const LIST_ITEM = '[]'
const ANY_KEY = '*'

/**
 * A place in the table while a walk goes down the tree: `rule` is that of the first pattern which matches the whole
 * path, `under` follows one more segment and is undefined where no pattern can match any deeper, so that walks skip
 * whole subtrees.
 */
export class Cursor<Rule> {
  readonly rule: Rule | undefined
  readonly #nodes: readonly TrieNode<Rule>[]
  readonly #cache = new Map<string, Cursor<Rule> | undefined>()
  readonly #known: ReadonlySet<string>

  constructor(nodes: readonly TrieNode<Rule>[]) {
    this.#nodes = nodes
    this.rule = nodes.find(node => node.rule !== undefined)?.rule
    this.#known = new Set(nodes.flatMap(node => [...node.keys.keys()]))
  }

  /** Follows a key of a map. */
  key(name: string): Cursor<Rule> | undefined {
    return this.#follow(this.#known.has(name) && name !== LIST_ITEM ? name : ANY_KEY)
  }

  /** Follows any item of a list. */
  item(): Cursor<Rule> | undefined {
    return this.#follow(LIST_ITEM)
  }

  #follow(segment: string): Cursor<Rule> | undefined {
    const cached = this.#cache.get(segment)
    if (cached !== undefined || this.#cache.has(segment)) return cached
    const segments = segment === LIST_ITEM || segment === ANY_KEY ? [segment] : [segment, ANY_KEY]
    const nodes = segments.flatMap(each => this.#nodes.flatMap(node => node.keys.get(each) ?? []))
    const cursor = nodes.length > 0 ? new Cursor(nodes) : undefined
    this.#cache.set(segment, cursor)
    return cursor
  }
}

/** Compiles a table once; an exact key wins over `*`, a repeated pattern is a programming error. */
export function compileRules<Rule>(table: RuleTable<Rule>): Cursor<Rule> {
  const root: TrieNode<Rule> = { keys: new Map() }
  for (const [pattern, rule] of table) {
    let at = root
    for (const segment of pattern.split('.')) {
      const next: TrieNode<Rule> = at.keys.get(segment) ?? { keys: new Map() }
      at.keys.set(segment, next)
      at = next
    }
    if (at.rule !== undefined) throw new Error(`two rules for ${pattern}`)
    at.rule = rule
  }
  return new Cursor([root])
}
