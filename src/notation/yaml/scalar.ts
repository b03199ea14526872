/** What a YAML scalar may be; bigint only for integers that a number cannot hold exactly, Date for an unquoted date. */
export type ScalarValue = string | number | bigint | boolean | null | Date

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL'])
const TRUES = new Set(['true', 'True', 'TRUE'])
const FALSES = new Set(['false', 'False', 'FALSE'])
/** `false` */
const LONGEST_WORD = 5
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const DATE =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]| +)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?)?$/
const INFINITY = /^[-+]?\.(?:inf|Inf|INF)$/
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/
const RADIX: readonly (readonly [RegExp, number, number])[] = [
  [/^[-+]?0[xX][0-9a-fA-F]+$/, 16, 2],
  [/^[-+]?0[bB][01]+$/, 2, 2],
  [/^[-+]?0[oO][0-7]+$/, 8, 2],
  [/^[-+]?0[0-7]+$/, 8, 1],
]

/**
 * What go-yaml makes of a plain scalar: YAML 1.1's octal `0440`, 1.2's `0o440`, `_` between digits; `yes`, `on` and
 * `22:22` are strings.
 */
export function resolvePlain(text: string): ScalarValue {
  const first = text.charCodeAt(0)
  // Most values are words: none of the forms below starts with a letter other than those of null, true and false.
  const word = (first >= 65 && first <= 90) || (first >= 97 && first <= 122)
  if (word || text === '' || text === '~') {
    if (text.length > LONGEST_WORD) return text
    if (NULLS.has(text)) return null
    if (TRUES.has(text)) return true
    return FALSES.has(text) ? false : text
  }
  return resolveNumber(text) ?? resolveDate(text) ?? text
}

/** go-yaml's forms of a date: at least year, month and day, with a time perhaps. */
function resolveDate(text: string): Date | undefined {
  const match = DATE.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match
  const pad = (part: string | undefined): string => (part ?? '').padStart(2, '0')
  const date = new Date(
    `${year}-${pad(month)}-${pad(day)}T${pad(hour)}:${pad(minute)}:${pad(second)}${fraction}${zone}`,
  )
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** A date as Go prints it in JSON. */
export function formatDate(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z')
}

/** The number that a text spells in go-yaml's forms; undefined when it is none. */
export function resolveNumber(text: string): number | bigint | undefined {
  const digits = text.replaceAll('_', '')
  if (!/[0-9]/.test(digits)) return special(text)
  if (/^[-+]?(?:0|[1-9][0-9]*)$/.test(digits)) return exact(digits)
  for (const [form, radix, prefix] of RADIX) if (form.test(digits)) return inRadix(digits, radix, prefix)
  // A float too large for 64 bits is text to Go.
  return FLOAT.test(digits) && Number.isFinite(Number(digits)) ? Number(digits) : undefined
}

/** True where a text that spells a number spells a float, and be its value whole. */
export function isFloatForm(text: string): boolean {
  if (/^[-+]?0[xXbBoO]/.test(text)) return false
  return /[.eE]/.test(text) || !/^[-+]?[0-9_]{1,19}$/.test(text)
}

function special(text: string): number | undefined {
  if (INFINITY.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return NOT_A_NUMBER.test(text) ? Number.NaN : undefined
}

function exact(digits: string): number | bigint {
  const value = Number(digits)
  if (Number.isSafeInteger(value)) return value
  const whole = BigInt(digits.replace('+', ''))
  // Beyond 64 bits Go's parser falls back to a float.
  return whole >= -(2n ** 63n) && whole < 2n ** 64n ? whole : value
}

function inRadix(digits: string, radix: number, prefix: number): number {
  const negative = digits.startsWith('-')
  const body = digits.replace(/^[-+]/, '').slice(prefix)
  const value = Number.parseInt(body, radix)
  return negative ? -value : value
}

/** A number as Go's `%v` prints it. */
export function formatNumber(value: number | bigint): string {
  if (typeof value === 'bigint' || Number.isInteger(value)) return String(value)
  return formatFloat(value)
}

/** A float as Go's `%v` prints it, and be its value whole. */
export function formatFloat(value: number): string {
  if (Object.is(value, -0)) return '-0'
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  if (value === 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6)) return String(value)
  const [mantissa, sign, exponent = ''] = value.toExponential().split(/e([-+])/)
  return `${mantissa}e${sign}${exponent.padStart(2, '0')}`
}
