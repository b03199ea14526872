/** The known name that somebody most likely meant: at most two letters are others. */
export function closestName(name: string, known: Iterable<string>): string | undefined {
  let closest: string | undefined
  let least = 3
  for (const each of known) {
    const distance = distanceOf(name, each)
    if (distance < least && distance < name.length) {
      closest = each
      least = distance
    }
  }
  return closest
}

/** Letters to put in, take out or change (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1]
    for (const [column, other] of [...b].entries())
      next.push(
        Math.min(
          (next[column] ?? 0) + 1,
          (row[column + 1] ?? 0) + 1,
          (row[column] ?? 0) + (letter === other ? 0 : 1),
        ),
      )
    row = next
  }
  return row[b.length] ?? 0
}
