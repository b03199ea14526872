/** Characters that Go writes as a letter behind a backslash. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\f', 'f'],
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
  ['\v', 'v'],
])
/** What is not shown as it is: control characters, halves of pairs, and every space but the plain one. */
const UNSEEN = /[\p{C}\p{Z}]/u

/** A text as Go's `%q` writes it: `"a\tb"`. */
export function quotedText(text: string): string {
  return `"${[...text].map(character => escaped(character, '"')).join('')}"`
}

/** A number as Go's `%q` writes it, which takes it for a character: 10 → `'\n'`. */
export function quotedCharacter(code: number): string {
  const isCharacter = code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  return `'${escaped(isCharacter ? String.fromCodePoint(code) : '�', "'")}'`
}

function escaped(character: string, quote: string): string {
  if (character === quote || character === '\\') return `\\${character}`
  const letter = LETTERS.get(character)
  if (letter !== undefined) return `\\${letter}`
  if (character === ' ' || !UNSEEN.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${hex(code, 2)}`
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
