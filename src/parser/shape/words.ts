/** What a command line came to. */
export interface SplitCommand {
  readonly words: readonly string[]
  /** The rest from the first operator of a shell on: no shell runs a command, so Docker Compose drops it. */
  readonly dropped: string
}

const OPERATORS = ';&|<>'

/**
 * The words of a command line by Docker Compose's rules: quotes and backslashes as in a shell, nothing is expanded,
 * `$(…)` and backquotes stay whole, an operator ends it. Undefined when a quote stays open or a parenthesis stands alone.
 */
export function splitCommand(text: string): SplitCommand | undefined {
  const words: string[] = []
  let word: string | undefined
  // The quote that is open: ' " ` or ( for $(…).
  let open = ''
  const end = (): void => {
    if (word !== undefined) words.push(word)
    word = undefined
  }
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (char === '\\' && open !== "'") {
      at += 1
      if (at === text.length) return undefined
      word = `${word ?? ''}${text[at] ?? ''}`
    } else if (open !== '') {
      const closes = char === open || (open === '(' && char === ')')
      const keeps = !closes || open === '`' || open === '('
      if (keeps) word = `${word ?? ''}${char}`
      if (closes) open = ''
    } else if (char === "'" || char === '"') {
      open = char
      word ??= ''
    } else if (char === '`' || (char === '(' && word?.endsWith('$'))) {
      open = char
      word = `${word ?? ''}${char}`
    } else if (char === '(') return undefined
    else if (' \t\r\n'.includes(char)) end()
    else if (OPERATORS.includes(char)) {
      // The number of a stream belongs to its operator: `2>&1`.
      const stream = char === '>' && /^[0-9]/.test(word ?? '') ? (word ?? '') : ''
      if (stream === '') end()
      return { words, dropped: text.slice(at - stream.length) }
    } else word = `${word ?? ''}${char}`
  }
  if (open !== '') return undefined
  end()
  return { words, dropped: '' }
}
