/** A moment: whole seconds since 1970, and microseconds of the next one. */
export interface Instant {
  readonly seconds: number
  readonly microseconds: number
}

/** ISO 8601 with microseconds, `2026-11-28T14:33:59.461991Z`. */
export function isoTime({ seconds, microseconds }: Instant): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${sixDigits(microseconds)}Z`
}

/** `14:33:59.461991`, in local time. */
export function localClock({ seconds, microseconds }: Instant): string {
  const date = new Date(seconds * 1000)
  return `${[date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')}.${sixDigits(microseconds)}`
}

/** `2026-11-28`, in local time. */
export function localDay({ seconds }: Instant): string {
  const date = new Date(seconds * 1000)
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`
}

const twoDigits = (value: number): string => String(value).padStart(2, '0')
const sixDigits = (value: number): string => String(value).padStart(6, '0')
