/** What Go's one-letter escapes stand for. */
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

/** A quoted literal with where it ends, or what is wrong with it. */
type Quoted =
  | { readonly value: string | number; readonly to: number }
  | { readonly problem: string; readonly to: number }

/** Reads the literal that begins at `from`: `"a\n"`, a raw one between back quotes, or `'a'`, which is the number of its character. */
export function readQuoted(text: string, from: number): Quoted {
  const quote = text[from]
  if (quote === '`') {
    const end = text.indexOf('`', from + 1)
    if (end < 0) return { problem: 'the text does not end: a ` is missing', to: text.length }
    return { value: text.slice(from + 1, end), to: end + 1 }
  }
  let value = ''
  for (let at = from + 1; at < text.length; ) {
    if (text[at] === quote) return closed(value, quote, at + 1)
    if (text[at] === '\n') break
    const part = text[at] === '\\' ? readEscape(text, at) : readCharacter(text, at)
    if (part === undefined) return { problem: `\\${text[at + 1] ?? ''} is no escape of Go`, to: at + 2 }
    value += part.value
    at = part.to
  }
  return { problem: `the text does not end: a ${quote} is missing`, to: text.length }
}

function closed(value: string, quote: string | undefined, to: number): Quoted {
  if (quote === '"') return { value, to }
  const [only, ...more] = value
  if (only === undefined || more.length > 0)
    return { problem: 'want one character between single quotes', to }
  return { value: only.codePointAt(0) ?? 0, to }
}

interface Part {
  readonly value: string
  readonly to: number
}

function readCharacter(text: string, at: number): Part {
  const value = String.fromCodePoint(text.codePointAt(at) ?? 0)
  return { value, to: at + value.length }
}

/** `\n`, `\x41`, `\u00e9`, `\U0001f600` or `\101`. */
function readEscape(text: string, at: number): Part | undefined {
  const plain = ESCAPES[text[at + 1] ?? '']
  if (plain !== undefined) return { value: plain, to: at + 2 }
  const [whole, x, u, U, octal] =
    /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/.exec(text.slice(at, at + 10)) ??
    []
  if (whole === undefined) return undefined
  const code = octal === undefined ? Number.parseInt(x ?? u ?? U ?? '', 16) : Number.parseInt(octal, 8)
  return code > 0x10ffff ? undefined : { value: String.fromCodePoint(code), to: at + whole.length }
}

/** The number at the beginning of a text, NaN where it only begins like one; undefined where it does not. */
export function readNumber(text: string): { readonly value: number; readonly length: number } | undefined {
  const word = /^[+-]?\.?[0-9](?:[eEpP][+-]|[\w.])*/.exec(text)?.[0]
  if (word === undefined) return undefined
  const bare = word.replace(/^[+-]/, '')
  const value = numberIn(bare)
  return { value: word.startsWith('-') ? -value : value, length: word.length }
}

function numberIn(word: string): number {
  if (/_$|__|^_/.test(word)) return Number.NaN
  const digits = word.replaceAll('_', '')
  // A zero in front means octal to Go, as in 0644.
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8)
  return /^0[0-9]+$/.test(digits) ? Number.NaN : Number(digits)
}
