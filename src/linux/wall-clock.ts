/** Nanoseconds that the machine's clock may be set before the count of this process follows it. */
const DRIFT = 5_000_000n

let origin = machineTime() - process.hrtime.bigint()

/**
 * Unix nanoseconds now. The machine's clock tells Node milliseconds alone: between them time goes on by the monotonic clock, so
 * that of two moments the later one is told later.
 */
export function wallClock(): bigint {
  const counted = origin + process.hrtime.bigint()
  const actual = machineTime()
  if (counted > actual - DRIFT && counted < actual + DRIFT) return counted
  origin += actual - counted
  return actual
}

/** The same as RFC 3339 with nine digits of a second, UTC. */
export function timestamp(nanoseconds: bigint = wallClock()): string {
  const whole = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19)
  return `${whole}.${(nanoseconds % 1_000_000_000n).toString().padStart(9, '0')}Z`
}

function machineTime(): bigint {
  return BigInt(Date.now()) * 1_000_000n
}
