/**
 * The source of a regular expression (flags `s` and `u`) for a pattern of Go's `filepath.Match`, with `**` for any number of
 * folders. Raises SyntaxError for a class or an escape without an end.
 */
export function goPatternSource(pattern: string): string {
  return pattern.replace(/(?:\*\*\/)+|\*\*+|\\.|\[\^?(?:\\.|[^\]\\])+\]|./gsu, token => {
    if (token.startsWith('**/')) return '(?:.*/)?'
    if (token.startsWith('**')) return '.*'
    if (token === '*') return '[^/]*'
    if (token === '?') return '[^/]'
    if (token === '[' || token === '\\') throw new SyntaxError('unfinished')
    if (token.startsWith('[')) return classSource(token)
    return literal(token.startsWith('\\') ? token.slice(1) : token)
  })
}

/** A class is the same there but for escapes, which take any character as it is: `\d` is a letter. */
function classSource(token: string): string {
  const isNegated = token.startsWith('[^')
  const content = token.slice(isNegated ? 2 : 1, -1)
  const chars = content.replace(/\\(.)|[[\]^\\]/gsu, (char, escaped?: string) => classChar(escaped ?? char))
  return `[${isNegated ? '^' : ''}${chars}]`
}

function classChar(char: string): string {
  return /[\]\\^\-[]/.test(char) ? `\\${char}` : char
}

function literal(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/]/u, '\\$&')
}
