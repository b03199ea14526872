import { type ByteSize, bytesOf } from '../../../model/index.ts'
import { parseDuration } from '../../../notation/index.ts'

const UNITS = [
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
] as const

/** `512Mi` of a number of bytes, exactly; undefined for none and for no limit. */
export function byteQuantity(size: ByteSize | undefined): string | undefined {
  const bytes = size === undefined ? undefined : bytesOf(size)
  if (bytes === undefined || bytes <= 0) return undefined
  const [unit, factor] = UNITS.find(([, each]) => bytes % each === 0) ?? ['', 1]
  return `${bytes / factor}${unit}`
}

/** `500m` of half a CPU: thousandths are the least that there is. */
export function cpuQuantity(cpus: number | undefined): string | undefined {
  if (cpus === undefined || cpus <= 0) return undefined
  const thousandths = Math.max(1, Math.round(cpus * 1000))
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`
}

/** Whole seconds of a duration, at least one: Kubernetes counts in no others. */
export function wholeSeconds(duration: string): number {
  return Math.max(1, Math.ceil((parseDuration(duration) ?? 0) / 1e9))
}
