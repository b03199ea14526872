const NANOSECONDS = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
} as const

/** Units that Compose files have besides Go's. */
const LONGER = { d: 86_400e9, w: 604_800e9 } as const

/** How a duration is written with a set of units. */
interface Notation {
  readonly units: Readonly<Record<string, number>>
  readonly whole: RegExp
  readonly part: RegExp
}

const GO = notationOf(NANOSECONDS)
const COMPOSE = notationOf({ ...NANOSECONDS, ...LONGER })

/** Nanoseconds of a duration as Go writes it: `1m30s`, `1.5h`, `-2ms`, `0`; undefined when the text is none. */
export function parseDuration(text: string): number | undefined {
  return nanosecondsOf(text, GO)
}

/** The same for a Compose file, which counts in days and weeks as well: `1d12h`, `2w`. */
export function parseLongDuration(text: string): number | undefined {
  return nanosecondsOf(text, COMPOSE)
}

/** Nanoseconds as Go writes them: 90e9 → `1m30s`. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s'
  if (nanoseconds < 0) return `-${formatDuration(-nanoseconds)}`
  if (nanoseconds < 1e3) return `${nanoseconds}ns`
  if (nanoseconds < 1e6) return `${nanoseconds / 1e3}µs`
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`
  const hours = Math.floor(nanoseconds / 3600e9)
  const minutes = Math.floor((nanoseconds % 3600e9) / 60e9)
  const seconds = formatSeconds(nanoseconds % 60e9)
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

/** Digit by digit: as a number, a nanosecond would be `1e-9`. */
function formatSeconds(nanoseconds: number): string {
  const fraction = String(nanoseconds % 1e9)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${Math.floor(nanoseconds / 1e9)}${fraction === '' ? '' : `.${fraction}`}s`
}

/** About how long, in Docker's words: `About a minute`, `3 hours`. */
export function approximateDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.round(seconds / 3600)
  if (seconds < 1 || Number.isNaN(seconds)) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 14) return `${Math.floor(hours / 24)} days`
  if (hours < 24 * 60) return `${Math.floor(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`
  return `${Math.floor(hours / 24 / 365)} years`
}

function notationOf(units: Readonly<Record<string, number>>): Notation {
  // A pattern must try `ms` before `m`.
  const names = Object.keys(units).sort((a, b) => b.length - a.length)
  const part = `(\\d+\\.?\\d*|\\.\\d+)(${names.join('|')})`
  return { units, whole: new RegExp(`^(?:${part})+$`), part: new RegExp(part, 'g') }
}

function nanosecondsOf(text: string, { units, whole, part }: Notation): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const body = text.replace(/^[+-]/, '')
  if (body === '0') return 0
  if (!whole.test(body)) return undefined
  let total = 0
  for (const [, amount = '', unit = ''] of body.matchAll(part))
    total += nanosecondsIn(amount, units[unit] ?? 0)
  // Go counts in 64 bits.
  return total < 2 ** 63 ? sign * total : undefined
}

/** Whole and fraction apart, as Go does: 4.35 s would otherwise lose a nanosecond. */
function nanosecondsIn(amount: string, unit: number): number {
  const [whole = '', fraction = ''] = amount.split('.')
  return Number(whole) * unit + Math.trunc(Number(fraction) * (unit / 10 ** fraction.length))
}
