import { fieldsOf, formatValue, kindOf, paddedExponent, sortedEntries, type Value } from './values.ts'

/** `print`: a space between two operands of which neither is text. */
export function sprint(args: readonly Value[]): string {
  let text = ''
  for (const [index, value] of args.entries()) {
    const before = args[index - 1]
    if (index > 0 && typeof value !== 'string' && typeof before !== 'string') text += ' '
    text += formatValue(value)
  }
  return text
}

/** `%-10.3s`, taken apart. */
interface Verb {
  readonly flags: string
  readonly width: number | undefined
  readonly precision: number | undefined
  readonly letter: string
}

/** Flags, an argument's number, width, precision, and the letter. */
const VERB = /%([-+# 0]*)(?:\[(\d+)\])?(\*|\d+)?(?:\.(\*|\d*))?(?:\[(\d+)\])?([\s\S]|$)/gu

/** `printf` with Go's verbs; what does not fit is said in the text, `%!d(string=a)`, and fails nothing. */
export function formatPrintf(format: string, args: readonly Value[]): string {
  let next = 0
  let isReordered = false
  const take = (): Value => args[next++]
  const measure = (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined
    return text === '*' ? Number(take()) : Number(text)
  }
  const text = format.replace(VERB, (_whole, flags, first, widthText, precisionText, second, letter) => {
    if (letter === '%') return '%'
    if (first !== undefined && widthText === '*') next = Number(first) - 1
    const width = measure(widthText)
    const precision = measure(precisionText)
    const position = second ?? (widthText === '*' ? undefined : first)
    if (position !== undefined) next = Number(position) - 1
    if (first !== undefined || second !== undefined) isReordered = true
    if (letter === '') return '%!(NOVERB)'
    if (next < 0 || next >= args.length)
      return `%!${letter}(${position === undefined ? 'MISSING' : 'BADINDEX'})`
    return formatVerb({ flags, width, precision, letter }, take())
  })
  const extra = isReordered ? [] : args.slice(next)
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.map(each => described(each)).join(', ')})`
}

function formatVerb(given: Verb, value: Value): string {
  // A negative width means to the left.
  const isNegative = (given.width ?? 0) < 0
  const verb = isNegative ? { ...given, flags: `${given.flags}-`, width: -(given.width ?? 0) } : given
  const text = bodyOf(verb, value)
  if (text === undefined) return `%!${verb.letter}(${described(value)})`
  return padded(text, verb, value)
}

function padded(text: string, { flags, width = 0 }: Verb, value: Value): string {
  const missing = width - [...text].length
  if (missing <= 0) return text
  if (flags.includes('-')) return text + ' '.repeat(missing)
  if (!flags.includes('0') || typeof value !== 'number') return ' '.repeat(missing) + text
  const sign = /^[+\- ]/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}

/** The text of one value without its padding; undefined where the verb is none of its kind. */
function bodyOf(verb: Verb, value: Value): string | undefined {
  const { letter, flags } = verb
  if (letter === 'v')
    return typeof value === 'number'
      ? signed(formatValue(value), flags)
      : formatValue(value, flags.includes('+'))
  if (letter === 'T') return TYPES[kindOf(value)]
  const each = (part: Value): string => formatVerb(verb, part)
  if (Array.isArray(value)) return `[${value.map(each).join(' ')}]`
  if (value instanceof Map)
    return `map[${sortedEntries(value)
      .map(([key, part]) => `${each(key)}:${each(part)}`)
      .join(' ')}]`
  if (kindOf(value) === 'record')
    return `{${fieldsOf(value)
      .map(([, part]) => each(part))
      .join(' ')}}`
  if (typeof value === 'boolean') return letter === 't' ? String(value) : undefined
  if (typeof value === 'string') return textBody(verb, value)
  if (typeof value !== 'number') return undefined
  return Number.isInteger(value) && !'eEfFgG'.includes(letter)
    ? wholeBody(verb, value)
    : floatBody(verb, value)
}

function textBody({ letter, precision, flags }: Verb, value: string): string | undefined {
  const text = precision === undefined ? value : [...value].slice(0, precision).join('')
  if (letter === 's') return text
  if (letter === 'q') return quoted(text)
  if (letter !== 'x' && letter !== 'X') return undefined
  const hex = Buffer.from(text).toString('hex')
  const spaced = flags.includes(' ') ? (hex.match(/../g)?.join(' ') ?? '') : hex
  return letter === 'X' ? spaced.toUpperCase() : spaced
}

function wholeBody({ letter, flags, precision }: Verb, value: number): string | undefined {
  const base = { d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }[letter]
  if (base !== undefined) {
    const digits = Math.abs(value)
      .toString(base)
      .padStart(precision ?? 0, '0')
    const prefix =
      letter === 'O' ? '0o' : flags.includes('#') ? ({ b: '0b', o: '0', x: '0x', X: '0X' }[letter] ?? '') : ''
    const text = `${value < 0 ? '-' : ''}${prefix}${letter === 'X' ? digits.toUpperCase() : digits}`
    return signed(text, flags)
  }
  if (letter === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`
  if (value < 0 || value > 0x10ffff) return undefined
  if (letter === 'c') return String.fromCodePoint(value)
  return letter === 'q' ? `'${String.fromCodePoint(value)}'` : undefined
}

function floatBody({ letter, flags, precision }: Verb, value: number): string | undefined {
  // Go tells whole numbers and floats apart; a number from a record may be either.
  if ('fF'.includes(letter)) return signed(fixed(value, Math.min(precision ?? 6, 100)), flags)
  const isUpper = letter === 'E' || letter === 'G'
  const cased = (text: string): string => signed(isUpper ? text.toUpperCase() : text, flags)
  if ('eE'.includes(letter)) return cased(paddedExponent(value.toExponential(precision ?? 6)))
  if (!'gG'.includes(letter)) return undefined
  return cased(precision === undefined ? formatValue(value) : shortest(value, precision))
}

/** So many digits behind the point; what lies in the middle becomes even, as in Go, where JavaScript rounds it up. */
function fixed(value: number, digits: number): string {
  const scale = 10 ** digits
  const scaled = Math.abs(value * scale)
  const isMiddle = scaled % 1 === 0.5 && scaled / scale === Math.abs(value)
  if (!isMiddle || Math.floor(scaled) % 2 === 1) return value.toFixed(digits)
  return ((Math.sign(value) * Math.floor(scaled)) / scale).toFixed(digits)
}

/** `%.3g`: so many digits, without zeroes at the end. */
function shortest(value: number, precision: number): string {
  const [digits = '', exponent] = value.toPrecision(Math.max(1, precision)).split('e')
  const bare = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
  return exponent === undefined ? bare : paddedExponent(`${bare}e${exponent}`)
}

function signed(text: string, flags: string): string {
  if (text.startsWith('-') || text.startsWith('+')) return text
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text
}

const quoted = (text: string): string => JSON.stringify(text).replaceAll('\\u00', '\\x')

const TYPES = {
  nothing: '<nil>',
  text: 'string',
  number: 'int',
  boolean: 'bool',
  list: '[]interface {}',
  map: 'map[string]interface {}',
  method: 'func()',
  record: 'struct {}',
} as const

/** `int=3`, as messages inside the text have it. */
function described(value: Value): string {
  const kind = kindOf(value)
  if (kind === 'nothing') return '<nil>'
  const type = kind === 'number' && !Number.isInteger(value) ? 'float64' : TYPES[kind]
  return `${type}=${formatValue(value)}`
}
