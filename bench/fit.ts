import { median } from './measure.ts'

/** What a command took for projects of several sizes. */
export interface Sized {
  readonly size: number
  readonly seconds: readonly number[]
}

/** A median this much off the line, of what the largest size takes, is no straight line any more. */
const TOLERATED = 0.1

/**
 * Prints the straight line that fits the medians best (least squares), with how far off it the worst of them is; time that grows faster than
 * the project shows there. Through two sizes every line goes: there have to be three.
 */
export function printFit(name: string, sized: readonly Sized[]): void {
  if (sized.length < 3) return
  const points = sized.map(({ size, seconds }) => ({ x: size, y: median(seconds) }))
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean(point => point.x), mean(point => point.y)]
  const slope = mean(point => (point.x - x) * (point.y - y)) / mean(point => (point.x - x) ** 2)
  const start = y - slope * x
  const largest = Math.max(...points.map(point => point.y))
  const off = Math.max(...points.map(point => Math.abs(point.y - start - slope * point.x))) / largest
  const formula = `${(start * 1e3).toFixed(0)} ms + ${(slope * 1e3).toFixed(2)} ms a service`
  const verdict = off <= TOLERATED ? 'a line' : 'NO LINE'
  console.log(`${name.padEnd(36)}${formula}, at most ${(off * 100).toFixed(0)} % off: ${verdict}`)
}
