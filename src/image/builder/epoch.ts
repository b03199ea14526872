import { failure } from '../../diagnostics/index.ts'
import { timestamp } from '../../linux/wall-clock.ts'
import type { ImageConfig } from '../config.ts'

/** The build argument that makes an image the same whenever it is built; https://reproducible-builds.org/specs/source-date-epoch/. */
export const EPOCH_ARG = 'SOURCE_DATE_EPOCH'
/** The last second that RFC 3339 can write. */
const LAST = 253_402_300_799

/** Seconds since 1970 that a build is to have as its time; undefined: it has its own. Raises BUILD_EPOCH. */
export function epochOf(args: Readonly<Record<string, string>> = {}): number | undefined {
  const text = args[EPOCH_ARG] ?? ''
  if (text === '') return undefined
  if (/^\d+$/.test(text) && Number(text) <= LAST) return Number(text)
  throw failure({
    code: 'BUILD_EPOCH',
    kind: 'invalidArgument',
    summary: `got ${EPOCH_ARG}=${text}, want whole seconds since 1970`,
  })
}

/** When a step is said to have been made. */
export function momentOf(epoch: number | undefined): string {
  return epoch === undefined ? timestamp() : new Date(epoch * 1000).toISOString()
}

/** An image as it is to be said of a time: made then, and nothing of it later. */
export function atEpoch(config: ImageConfig, epoch: number | undefined): ImageConfig {
  if (epoch === undefined) return config
  const isLater = (created: string): boolean => Date.parse(created) > epoch * 1000
  const history = config.history.map(entry =>
    isLater(entry.created) ? { ...entry, created: momentOf(epoch) } : entry,
  )
  return { ...config, created: momentOf(epoch), history }
}
