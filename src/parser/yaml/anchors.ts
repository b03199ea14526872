import type { Node } from '../tree/node.ts'

/** How many nodes aliases may add to a document: a bomb is refused before it costs anything. */
export const ALIAS_LIMIT = 250_000

interface Anchor {
  readonly node: Node
  /** How many nodes it stands for, its own aliases expanded. */
  readonly size: number
}

/** Why an alias stands for nothing. */
export type AliasProblem = 'unknown' | 'cycle' | 'bomb'

/** The anchors of one document, and how large their aliases make it. */
export class Anchors {
  readonly #anchors = new Map<string, Anchor | 'open'>()
  /** The document's size when each node began that has an anchor and is still being read, outermost first. */
  readonly #begins: number[] = []
  #size = 0
  #aliased = 0

  /** Counts one node that is written out. */
  count(): void {
    this.#size += 1
  }

  /** The node that comes next has this anchor. */
  open(name: string): void {
    this.#anchors.set(name, 'open')
    this.#begins.push(this.#size)
  }

  /** The node of the anchor is complete. */
  close(name: string, node: Node): void {
    this.#anchors.set(name, { node, size: this.#size - (this.#begins.pop() ?? 0) })
  }

  /** What an alias stands for. */
  resolve(name: string): Node | AliasProblem {
    const anchor = this.#anchors.get(name)
    if (anchor === undefined) return 'unknown'
    if (anchor === 'open') return 'cycle'
    this.#size += anchor.size
    this.#aliased += anchor.size
    return this.#aliased > ALIAS_LIMIT ? 'bomb' : anchor.node
  }
}
