/** What a pattern's piece means: any characters, one, or this one. */
type Piece = { readonly any: true } | { readonly one: true } | { readonly char: string }

/** Takes the shortest or longest match of a shell pattern off the start (`#`) or the end (`%`). Raises RangeError. */
export function stripPattern(value: string, pattern: string, side: '#' | '%', longest: boolean): string {
  const pieces = piecesOf(pattern)
  if (side === '#') return cutFront(value, pieces, longest)
  // The shortest match at the end is the first one of the whole turned round.
  return reversed(cutFront(reversed(value), pieces.toReversed(), longest))
}

/** Replaces the first or every longest match of a shell pattern; the replacement is taken as it is. Raises RangeError. */
export function replacePattern(value: string, pattern: string, replacement: string, all: boolean): string {
  const source = regExpOf(piecesOf(pattern), true)
  let end = -1
  return value.replace(new RegExp(source, all ? 'gu' : 'u'), (match: string, at: number) => {
    // An empty match right behind another one is none.
    const counts = match !== '' || at !== end
    end = at + match.length
    return counts ? replacement : match
  })
}

function cutFront(value: string, pieces: readonly Piece[], longest: boolean): string {
  const [match = ''] = new RegExp(`^${regExpOf(pieces, longest)}`, 'u').exec(value) ?? []
  return value.slice(match.length)
}

function reversed(text: string): string {
  return [...text].toReversed().join('')
}

/** `*` and `?`, escaped ones, and everything else as it is; a brace or slash is escaped for the sake of the braces alone. */
function piecesOf(pattern: string): readonly Piece[] {
  const pieces: Piece[] = []
  const chars = [...pattern]
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? ''
    const next = chars[at + 1] ?? ''
    if (char === '*') pieces.push({ any: true })
    else if (char === '?') pieces.push({ one: true })
    else if (char !== '\\') pieces.push({ char })
    else if ('*?\\}/'.includes(next) && next !== '') {
      pieces.push({ char: next })
      at += 1
    } else throw new RangeError(`invalid escape "\\${next}" of a pattern`)
  }
  return pieces
}

function regExpOf(pieces: readonly Piece[], longest: boolean): string {
  return pieces
    .map(piece => {
      if ('any' in piece) return longest ? '.*' : '.*?'
      return 'one' in piece ? '.' : piece.char.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&')
    })
    .join('')
}
