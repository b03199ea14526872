/** Numbers of a list as the kernel writes them, `0-3,8`: processors, nodes, ports. What is no number is passed over. */
export function numbersInRanges(list: string): Set<number> {
  const ranges = list.split(',').flatMap(range => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number)
    return Number.isNaN(first) ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
  return new Set(ranges)
}
