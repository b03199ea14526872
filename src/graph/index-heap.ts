/** A binary heap of numbers, smallest first: keeps what goes through a graph in its order near linear for many thousand vertices. */
export class IndexHeap {
  readonly #items: number[] = []

  push(item: number): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((items[parent] ?? 0) <= item) break
      items[at] = items[parent] ?? 0
      at = parent
    }
    items[at] = item
  }

  pop(): number | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined || items.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && (items[child + 1] ?? 0) < (items[child] ?? 0)) child += 1
      if (last <= (items[child] ?? 0)) break
      items[at] = items[child] ?? 0
      at = child
    }
    items[at] = last
    return top
  }
}
