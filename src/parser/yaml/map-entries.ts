import type { Entry, Node } from '../tree/node.ts'
import type { Span } from '../tree/source.ts'

/** The entries of one map while it is read: its own, and those of the maps that `<<` names. */
export class MapEntries {
  readonly #own = new Map<string, Entry>()
  #merged: Node[] | undefined
  #mergeKey: Span | undefined

  /** The first `<<`: like any key it may stand once. */
  get mergeKey(): Span | undefined {
    return this.#mergeKey
  }

  /** Sets a key; returns the earlier entry where it was there already. */
  add(key: string, span: Span, node: Node): Entry | undefined {
    const earlier = this.#own.get(key)
    this.#own.set(key, { key: span, node })
    return earlier
  }

  /** Takes the value of `<<`, a map or a list of maps; returns what is none. */
  merge(key: Span, value: Node): readonly Node[] {
    this.#mergeKey ??= key
    const sources = value.kind === 'list' ? value.items : [value]
    this.#merged = [...(this.#merged ?? []), ...sources]
    return sources.filter(source => source.kind !== 'map')
  }

  /** Keys written in the map win over merged ones, and the first of several merged maps wins. */
  finish(): ReadonlyMap<string, Entry> {
    for (const source of this.#merged ?? [])
      if (source.kind === 'map')
        for (const [key, entry] of source.entries) if (!this.#own.has(key)) this.#own.set(key, entry)
    return this.#own
  }
}
