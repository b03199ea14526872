/** Docker's «never». */
export const ZERO_TIME = '0001-01-01T00:00:00Z'

/** RFC 3339 with nanoseconds, UTC, of unix nanoseconds; trailing zeroes are left out, as Go does. */
export function nanoTime(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`
}

/** Unix nanoseconds of a time as `nanoTime` gives it. */
export function nanosecondsOf(text: string): bigint {
  const [, whole = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? []
  return BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9))
}
