import { nanosecondsOf } from '../../model/index.ts'

const POWERS = 'kmgtp'

const SIZE = /^\+?((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?) ?(?:([kmgtp])(?:i?b)?|b)?$/i

/** Bytes of `64m`, `1.5g`, `2 GiB`, `100`, and a whole negative number; undefined when the text is no size. Units are powers of 1024. */
export function parseBytes(text: string): bigint | undefined {
  if (/^-[0-9]+$/.test(text)) return BigInt(text)
  const match = SIZE.exec(text)
  if (!match) return undefined
  const factor = 1024 ** (POWERS.indexOf((match[2] ?? '').toLowerCase() || '?') + 1)
  const amount = match[1] ?? ''
  const bytes = /^[0-9]+$/.test(amount)
    ? BigInt(amount) * BigInt(factor)
    : BigInt(Math.trunc(Number(amount) * factor))
  return bytes < 2n ** 63n ? bytes : undefined
}

/** A duration as Go prints it: `90s` → `1m30s`; undefined when the text is no duration. */
export function canonicalDuration(text: string): string | undefined {
  const nanoseconds = nanosecondsOf(text)
  return nanoseconds === undefined ? undefined : formatDuration(nanoseconds)
}

/** Nanoseconds in Go's notation. */
function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s'
  if (nanoseconds < 0) return `-${formatDuration(-nanoseconds)}`
  if (nanoseconds < 1e3) return `${nanoseconds}ns`
  if (nanoseconds < 1e6) return `${nanoseconds / 1e3}µs`
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`
  const hours = Math.floor(nanoseconds / 3600e9)
  const minutes = Math.floor((nanoseconds % 3600e9) / 60e9)
  const seconds = `${(nanoseconds % 60e9) / 1e9}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

/** The shortest decimal that a 32-bit float keeps: Docker Compose holds CPU counts in 32 bits. */
export function toFloat32(value: number): number {
  const rounded = Math.fround(value)
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(rounded.toPrecision(digits))
    if (Math.fround(short) === rounded) return short
  }
  return rounded
}
