import { approximateDuration } from '../../../notation/index.ts'
import type { Method } from './listing.ts'

/** The first second of Go's calendar, which is a time that was never set. */
const NO_TIME = -62_135_596_800

/** A time as Docker's lists have it, `2026-11-28 14:30:00 +0000 UTC`, of unix seconds. Docker writes it in the local zone. */
export function createdAt(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`
}

/** How long ago something was made, `3 hours ago`, of unix seconds; N/A where nobody has written it down. `now`: Unix milliseconds. */
export function createdSince(seconds: number, now: number): string {
  return seconds <= NO_TIME ? 'N/A' : `${approximateDuration(now - seconds * 1000)} ago`
}

/** Labels as Docker's lists have them, `a=1,b=2`, by name; what we note for ourselves in labels is left out. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels)
    .filter(name => !name.startsWith('com.tscompose.'))
    .sort()
    .map(name => `${name}=${labels[name]}`)
    .join(',')
}

/** `{{.Label "tier"}}`: the label's value; its title is the end of its name. */
export function labelMethod<T extends { readonly labels: Readonly<Record<string, string>> }>(): Method<T> {
  return {
    title: name => (name.split('.').at(-1) ?? '').replace(/[-_]/g, ' '),
    of: ({ labels }, name) => labels[name] ?? '',
  }
}

/** A text cut to so many characters, the last of which then says that it was. */
export function ellipsis(text: string, length: number): string {
  const characters = [...text]
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : text
}

/** A text in double quotes, with Go's escapes for what would end or disturb the line. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, '\\x$1')
}

/** The first 12 digits of an id, with or without the name of its digest. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12)
}
