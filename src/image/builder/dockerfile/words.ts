/** Splits on white space outside of quotes; quotes and escapes stay in the words, for the expansion to read. */
export function splitWords(text: string, escapeChar: string): string[] {
  const words: string[] = []
  let word = ''
  let quote = ''
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (quote === '' && /\s/.test(char)) {
      if (word !== '') words.push(word)
      word = ''
      continue
    }
    word += char
    if (char === escapeChar && quote !== "'" && at + 1 < text.length) {
      at += 1
      word += text.charAt(at)
    } else if (quote !== '') {
      if (char === quote) quote = ''
    } else if (char === '"' || char === "'") {
      quote = char
    }
  }
  if (word !== '') words.push(word)
  return words
}

/** The JSON list of strings that the text is; undefined when it is something else. */
export function parseJsonList(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
