import { type TemplateFunctions, takes, takesMany } from './functions.ts'
import { formatPrintf } from './printf.ts'
import type { Value } from './values.ts'

/** The functions that Docker adds to Go's own for its `--format`. */
export const DOCKER_FUNCTIONS: TemplateFunctions = {
  json: takes(['any'], json),
  split: takes(['text', 'text'], (text, separator) => text.split(separator)),
  join: takes(['list', 'text'], (list, separator) => list.map(String).join(separator)),
  upper: takes(['text'], text => text.toUpperCase()),
  lower: takes(['text'], text => text.toLowerCase()),
  title: takes(['text'], text => text.replace(/(?<![\p{L}\p{N}_])\p{L}/gu, letter => letter.toUpperCase())),
  pad: takes(['text', 'whole', 'whole'], (text, before, after) =>
    text === '' ? '' : `${' '.repeat(Math.max(0, before))}${text}${' '.repeat(Math.max(0, after))}`,
  ),
  truncate: takes(['text', 'whole'], (text, length) => [...text].slice(0, Math.max(0, length)).join('')),
}

const header = takesMany(1, ([first]) => first)
const never = takesMany(0, () => false)

/**
 * What functions are while a table's head is made, where each field is its column's title: a title goes through them as it is, and
 * nothing that is compared with one fits.
 */
export const HEADER_FUNCTIONS: TemplateFunctions = {
  ...{ json: header, split: header, join: header, upper: header, lower: header, title: header },
  ...{ truncate: header, len: header, index: header, slice: header },
  ...{ eq: never, ne: never, lt: never, le: never, gt: never, ge: never },
  // Whatever the values are, a title is text.
  printf: takesMany(1, ([format, ...args]) =>
    formatPrintf(String(format).replace(/%([-+# 0]*\d*)(?:\.\d+)?[a-zA-Z]/g, '%$1s'), args),
  ),
}

/** A value as JSON: maps are objects, methods of a record are left out, nothing is null. */
function json(value: Value): string {
  return JSON.stringify(value ?? null, (_key, each) =>
    each instanceof Map ? Object.fromEntries(each) : each,
  )
}
