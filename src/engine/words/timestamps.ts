/** Docker's «never». */
export const ZERO_TIME = '0001-01-01T00:00:00Z'

/** RFC 3339 with nanoseconds, UTC, of unix nanoseconds; trailing zeroes are left out, as Go does. */
export function nanoTime(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`
}
