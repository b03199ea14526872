import type { Filters } from '../../api/types/index.ts'
import { type Facts, failure } from '../../diagnostics/index.ts'
import { parseMoment, parseSwitch } from '../../notation/index.ts'

/** Whether `labels` have every one of `wanted`: `key` or `key=value`. */
export function matchesLabels(labels: Readonly<Record<string, string>>, wanted: readonly string[]): boolean {
  return wanted.every(each => {
    const equals = each.indexOf('=')
    if (equals < 0) return Object.hasOwn(labels, each)
    return labels[each.slice(0, equals)] === each.slice(equals + 1)
  })
}

/** Docker's `name` filters: a regular expression, or a piece of the name when it is none. */
export function matchesName(name: string, wanted: readonly string[]): boolean {
  return wanted.some(each => {
    try {
      return new RegExp(each).test(name) || new RegExp(each).test(`/${name}`)
    } catch (error) {
      if (error instanceof SyntaxError) return name.includes(each)
      throw error
    }
  })
}

/** FILTER_INVALID when a key is not among `known`. */
export function checkFilters(filters: Filters, known: readonly string[]): void {
  const unknown = Object.keys(filters).find(key => !known.includes(key))
  if (unknown === undefined) return
  throw failure({
    code: 'FILTER_INVALID',
    kind: 'invalidArgument',
    summary: `filter "${unknown}" does not exist`,
    facts: { filter: unknown },
    hint: `filters are ${known.join(', ')}`,
  })
}

/** The filter's value as a boolean; undefined when it was not given. */
export function booleanFilter(filters: Filters, key: string): boolean | undefined {
  const value = filters[key]?.[0]
  if (value === undefined) return undefined
  const isOn = parseSwitch(value)
  if (isOn !== undefined) return isOn
  throw failure({
    code: 'FILTER_INVALID',
    kind: 'invalidArgument',
    summary: `filter ${key}: got "${value}", want true or false`,
    facts: { filter: key, value, rule: 'switch' },
  })
}

/** `until` of prunes: only what was made before, as Unix milliseconds. */
export function untilFilter(filters: Filters, now: number = Date.now()): number | undefined {
  const value = filters['until']?.[0]
  if (value === undefined) return undefined
  const moment = parseMoment(value, now)
  if (moment !== undefined) return moment
  throw failure({
    code: 'FILTER_INVALID',
    kind: 'invalidArgument',
    summary: `filter until: got "${value}", want a time`,
    facts: { filter: 'until', value, rule: 'time' },
  })
}

/** FILTER_INVALID when a value of the filter does not fit; `rule` and what else is in `facts` say how. */
export function checkValues(
  filters: Filters,
  key: string,
  fits: (value: string) => boolean,
  want: string,
  facts: Facts,
): void {
  const value = filters[key]?.find(each => !fits(each))
  if (value === undefined) return
  throw failure({
    code: 'FILTER_INVALID',
    kind: 'invalidArgument',
    summary: `filter ${key}: got "${value}", want ${want}`,
    facts: { filter: key, value, ...facts },
  })
}

/** The same for a filter that has one of few words. */
export function checkChoice(filters: Filters, key: string, choices: readonly string[]): void {
  const all = choices.join(', ')
  checkValues(filters, key, value => choices.includes(value), `one of ${all}`, {
    rule: 'choice',
    choices: all,
  })
}
