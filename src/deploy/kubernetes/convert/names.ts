import { createHash } from 'node:crypto'

/** Of a StatefulSet more than that does not fit, with a revision behind it, into a label of its pods. */
const LONGEST = 52

const LABEL = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/

/**
 * Names for Kubernetes, one for each text: a DNS label that begins with a letter (RFC 1035), which every kind of object
 * takes. A text that is one already is its own name; of others that would become the same, or one that is taken, each
 * has a digest of its text behind it, so that names depend neither on order nor on what else there is but the clash.
 */
export function namesFor(
  texts: readonly string[],
  taken: ReadonlySet<string> = new Set(),
): Map<string, string> {
  const wanted = [...new Set(texts)]
  const valid = new Set([...wanted.filter(isName), ...taken])
  const simple = wanted.filter(text => !isName(text)).map(simplified)
  const isShared = (name: string): boolean =>
    valid.has(name) || simple.indexOf(name) !== simple.lastIndexOf(name)
  return new Map(
    wanted.map(text => {
      if (isName(text) && !taken.has(text)) return [text, text]
      const name = simplified(text)
      return [text, isShared(name) || name.length > LONGEST ? withDigest(name, text) : name]
    }),
  )
}

/** One name by itself, for what cannot clash. */
export function nameFor(text: string): string {
  return namesFor([text]).get(text) ?? text
}

/** The first of `web`, `web-2`, `web-3` … that nothing else is called. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  for (let index = 2, free = wanted; ; index += 1) {
    if (!taken.has(free)) return free
    free = `${wanted}-${index}`
  }
}

/** Whether Kubernetes takes it as the name of a Service. */
export function isName(text: string): boolean {
  return text.length <= LONGEST && LABEL.test(text)
}

/** A label's value that stands for a text. */
export function labelValue(text: string): string {
  return text !== '' && isLabelValue(text) ? text : nameFor(text)
}

/** Whether a label can have it: nothing, or at most 63 of letters, digits, `-`, `_` and `.`. */
export function isLabelValue(text: string): boolean {
  return text === '' || (text.length <= 63 && /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/.test(text))
}

/** Whether it can be the key of an annotation or label: a name of at most 63, behind a domain perhaps. */
export function isLabelKey(text: string): boolean {
  const [name = '', prefix, ...more] = text.split('/').reverse()
  const isDomain =
    prefix === undefined || (prefix.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(prefix))
  return (
    more.length === 0 && isDomain && name.length <= 63 && /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/.test(name)
  )
}

/** The key of a ConfigMap or Secret: of letters, digits, `-`, `_` and `.`. */
export function dataKey(text: string): string {
  const isValid = /^[\w.-]{1,253}$/.test(text) && !text.startsWith('..') && text !== '.'
  return isValid ? text : `${text.replaceAll(/[^\w.-]/g, '_').slice(0, 200)}.${digestOf(text)}`
}

/** Six hex digits that stand for a text. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6)
}

function simplified(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  if (plain === '') return 'x'
  return /^[a-z]/.test(plain) ? plain : `x-${plain}`
}

function withDigest(name: string, text: string): string {
  return `${name.slice(0, LONGEST - 7).replace(/-+$/, '')}-${digestOf(text)}`
}
