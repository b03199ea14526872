import { formatPrintf, sprint } from './printf.ts'
import { isEqual, isLess, isTrue, kindOf, type Value, valueFailure } from './values.ts'

/** The types of parameters by the names that a function's signature has for them. */
interface Parameters {
  readonly any: Value
  readonly text: string
  readonly whole: number
  readonly list: readonly Value[]
}

/** A function of templates: how many arguments it takes, and what it makes of them. */
export interface TemplateFunction {
  readonly least: number
  readonly most: number
  call(args: readonly Value[]): Value
}

export type TemplateFunctions = Readonly<Record<string, TemplateFunction>>

/** A function whose parameters are checked before it is called. TEMPLATE_VALUE for an argument of another kind. */
export function takes<const P extends readonly (keyof Parameters)[]>(
  parameters: P,
  call: (...args: { [Index in keyof P]: Parameters[P[Index]] }) => Value,
): TemplateFunction {
  return {
    least: parameters.length,
    most: parameters.length,
    call: args => {
      for (const [index, wanted] of parameters.entries()) check(wanted, args[index])
      // Each argument has been checked against its parameter.
      return call(...(args as unknown as { [Index in keyof P]: Parameters[P[Index]] }))
    },
  }
}

/** A function of any number of arguments, but so many at least. */
export function takesMany(least: number, call: (args: readonly Value[]) => Value): TemplateFunction {
  return { least, most: Number.POSITIVE_INFINITY, call }
}

function check(wanted: keyof Parameters, value: Value): void {
  const fits = wanted === 'any' || (wanted === 'whole' ? Number.isInteger(value) : kindOf(value) === wanted)
  if (fits) return
  const want = wanted === 'list' ? 'a list' : wanted === 'whole' ? 'a whole number' : 'text'
  throw valueFailure(`want ${want}, got ${shown(value)}`)
}

function shown(value: Value): string {
  const kind = kindOf(value)
  return kind === 'text' || kind === 'number' || kind === 'boolean'
    ? `${kind} ${JSON.stringify(value)}`
    : kind
}

/** Functions that Go's language has by itself. `and` and `or` look no further than they must: see the executor. */
export const GO_FUNCTIONS: TemplateFunctions = {
  and: takesMany(1, args => args.find(each => !isTrue(each)) ?? args.at(-1)),
  or: takesMany(1, args => args.find(isTrue) ?? args.at(-1)),
  not: takes(['any'], value => !isTrue(value)),
  eq: takesMany(2, ([first, ...others]) => others.some(each => isEqual(first, each))),
  ne: takes(['any', 'any'], (a, b) => !isEqual(a, b)),
  lt: takes(['any', 'any'], isLess),
  le: takes(['any', 'any'], (a, b) => !isLess(b, a)),
  gt: takes(['any', 'any'], (a, b) => isLess(b, a)),
  ge: takes(['any', 'any'], (a, b) => !isLess(a, b)),
  len: takes(['any'], lengthOf),
  index: takesMany(1, ([value, ...keys]) => keys.reduce(elementOf, value)),
  slice: takesMany(1, ([value, ...bounds]) => sliceOf(value, bounds)),
  print: takesMany(0, sprint),
  println: takesMany(0, args => `${args.map(each => sprint([each])).join(' ')}\n`),
  printf: takesMany(1, ([format, ...args]) => {
    check('text', format)
    return formatPrintf(String(format), args)
  }),
  html: takesMany(0, args => sprint(args).replace(/[&<>"'\0]/g, char => HTML[char] ?? char)),
  js: takesMany(0, args =>
    JSON.stringify(sprint(args))
      .slice(1, -1)
      .replace(/[<>&='\u2028\u2029]/g, escaped),
  ),
  urlquery: takesMany(0, args =>
    encodeURIComponent(sprint(args))
      .replace(/[!'()*]/g, percent)
      .replaceAll('%20', '+'),
  ),
}

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\0': '\uFFFD',
}

const escaped = (char: string): string =>
  char === "'" ? "\\'" : `\\u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
const percent = (char: string): string => `%${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}`

/** Characters of a text, elements of a list, entries of a map. */
function lengthOf(value: Value): number {
  if (typeof value === 'string') return [...value].length
  if (Array.isArray(value)) return value.length
  if (value instanceof Map) return value.size
  throw valueFailure(`${kindOf(value)} has no length`)
}

function elementOf(value: Value, key: Value): Value {
  if (value instanceof Map) return value.get(key)
  if (!Array.isArray(value) && typeof value !== 'string')
    throw valueFailure(`${kindOf(value)} has no elements to index`)
  const elements = typeof value === 'string' ? [...value] : value
  check('whole', key)
  const found = elements[Number(key)]
  if (Number(key) < 0 || Number(key) >= elements.length)
    throw valueFailure(`there is no element ${key}: there are ${elements.length}, counted from 0`)
  // An element of text is the number of its character, as in Go.
  return typeof value === 'string' ? String(found).codePointAt(0) : found
}

function sliceOf(value: Value, bounds: readonly Value[]): Value {
  const length = lengthOf(value)
  for (const bound of bounds) check('whole', bound)
  const [from = 0, to = length] = bounds.map(Number)
  if (value instanceof Map || bounds.length > 2 || from < 0 || to > length || from > to)
    throw valueFailure(`cannot slice ${kindOf(value)} of length ${length} by ${bounds.join(' ')}`)
  return typeof value === 'string' ? [...value].slice(from, to).join('') : (value as Value[]).slice(from, to)
}
