// Characters by their codes, as String.charCodeAt tells them; NaN is the end of the text.
export const TAB = 9
export const NEWLINE = 10
export const CARRIAGE_RETURN = 13
export const SPACE = 32
export const DOUBLE_QUOTE = 34
export const HASH = 35
export const AMPERSAND = 38
export const SINGLE_QUOTE = 39
export const ASTERISK = 42
export const COMMA = 44
export const DASH = 45
export const COLON = 58
const GREATER = 62
export const OPEN_BRACKET = 91
export const BACKSLASH = 92
export const CLOSE_BRACKET = 93
export const OPEN_BRACE = 123
const PIPE = 124
export const CLOSE_BRACE = 125

/** What a plain scalar starts with in the subset. */
const PLAIN_START: ReadonlySet<number> = new Set(
  Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./~$+-=<(^;\\', char =>
    char.charCodeAt(0),
  ),
)

/** True for what separates tokens: a space, the end of a line or of the text. Tabs are outside the subset. */
export function isBlank(code: number): boolean {
  return code === SPACE || code === NEWLINE || code === CARRIAGE_RETURN || Number.isNaN(code)
}

/** True for `|` and `>`, which start block scalars. */
export function isBlockIndicator(code: number): boolean {
  return code === PIPE || code === GREATER
}

/** True for `,[]{}`, which end a plain scalar in a flow collection. */
export function isFlowIndicator(code: number): boolean {
  return (
    code === COMMA ||
    code === OPEN_BRACKET ||
    code === CLOSE_BRACKET ||
    code === OPEN_BRACE ||
    code === CLOSE_BRACE
  )
}

/** True where a plain scalar starts that needs no second look; `next` follows `code`. */
export function startsPlain(code: number, next: number): boolean {
  return PLAIN_START.has(code) && !(code === DASH && (isBlank(next) || isFlowIndicator(next)))
}
