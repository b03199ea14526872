/** White space between the words of an instruction, for a character class. */
export const SPACES = '\\t\\v\\f\\r '

/** Splits at white space, whatever quotes there are. */
export function plainWords(text: string): string[] {
  return text.split(new RegExp(`[${SPACES}]+`)).filter(word => word !== '')
}

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

/** The JSON list of strings that the text is; undefined when it is no JSON list. Raises RangeError for one of other things. */
export function parseJsonList(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (!Array.isArray(value)) return undefined
    if (value.every(item => typeof item === 'string')) return value
    throw new RangeError('a JSON list of words holds strings alone')
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Whether the text is a JSON list of anything. */
export function isJsonList(text: string): boolean {
  try {
    return parseJsonList(text) !== undefined
  } catch (error) {
    if (error instanceof RangeError) return true
    throw error
  }
}
