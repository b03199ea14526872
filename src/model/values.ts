/** A Go duration, `1m30s`, as `config` prints it; `nanosecondsOf` reads it. */
export type Duration = string

/** A number of bytes as decimal text, `"52428800"`, as `config` prints it; -1 means unlimited where that is allowed. */
export type ByteSize = string

/** Names to text; null means that the key stands without a value. */
export type Mapping = Readonly<Record<string, string | null>>

/** Names to text, every key with a value. */
export type Strings = Readonly<Record<string, string>>

/** One number for both limits, or each by itself; -1 means unlimited. */
export type Ulimit = number | { readonly soft: number; readonly hard: number }

/** Keys that start with `x-`: kept as they are, printed by `config`, read by nobody here. */
export interface Extensions {
  readonly [extension: `x-${string}`]: unknown
}

const UNIT_NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
  w: 604_800e9,
}

/** Nanoseconds of a duration as the Engine API wants them; undefined when the text is no duration. */
export function nanosecondsOf(duration: string): number | undefined {
  const sign = duration.startsWith('-') ? -1 : 1
  const body = duration.replace(/^[+-]/, '')
  if (body === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h|d|w))+$/.test(body)) return undefined
  let total = 0
  for (const [, amount = '', unit = ''] of body.matchAll(
    /(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h|d|w)/g,
  ))
    total += nanosecondsIn(amount, UNIT_NANOSECONDS[unit] ?? 0)
  // Go counts in 64 bits.
  return total < 2 ** 63 ? sign * total : undefined
}

/** Whole and fraction apart, as Go does: 4.35 s would otherwise lose a nanosecond. */
function nanosecondsIn(amount: string, unit: number): number {
  const [whole = '', fraction = ''] = amount.split('.')
  return Number(whole) * unit + Math.trunc(Number(fraction) * (unit / 10 ** fraction.length))
}

/** Bytes of a canonical size; undefined when the text is no whole number. */
export function bytesOf(size: ByteSize): number | undefined {
  return /^-?\d+$/.test(size) ? Number(size) : undefined
}
