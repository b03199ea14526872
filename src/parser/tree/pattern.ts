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
  readonly #known: ReadonlySet<string>
  readonly #keys = new Map<string, Cursor<Rule> | undefined>()
  #others: Cursor<Rule> | undefined | 'unknown' = 'unknown'
  #items: Cursor<Rule> | undefined | 'unknown' = 'unknown'

  constructor(nodes: readonly TrieNode<Rule>[]) {
    this.#nodes = nodes
    this.rule = nodes.find(node => node.rule !== undefined)?.rule
    this.#known = new Set(nodes.flatMap(node => [...node.keys.keys()]))
  }

  /** Follows a key of a map. */
  key(name: string): Cursor<Rule> | undefined {
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    if (!this.#known.has(name) || name === LIST_ITEM) return this.#otherKey()
    const cursor = this.#below(name, ANY_KEY)
    this.#keys.set(name, cursor)
    return cursor
  }

  /** Follows any item of a list. */
  item(): Cursor<Rule> | undefined {
    if (this.#items === 'unknown') this.#items = this.#below(LIST_ITEM)
    return this.#items
  }

  #otherKey(): Cursor<Rule> | undefined {
    if (this.#others === 'unknown') this.#others = this.#below(ANY_KEY)
    return this.#others
  }

  #below(...segments: readonly string[]): Cursor<Rule> | undefined {
    const nodes = segments.flatMap(segment => this.#nodes.flatMap(node => node.keys.get(segment) ?? []))
    return nodes.length > 0 ? new Cursor(nodes) : undefined
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
