import { readBootId } from '../../linux/process-identity.ts'
import { highestIdOf, type LayerMeasure } from '../layer/measure.ts'

const VERSION = 1

/** What stands beside a layer's files. */
export interface LayerRecord {
  readonly info: LayerMeasure
  /** Whether the disk is known to have all of it. */
  readonly isSettled: boolean
}

/** The text of a record; one that is not settled is worth nothing in another boot than this. */
export function renderLayerRecord(info: LayerMeasure, isSettled: boolean): string {
  const unsettled = isSettled ? {} : { unsettledIn: readBootId() }
  return `${JSON.stringify({ version: VERSION, ...unsettled, ...info })}\n`
}

/** Reads it; undefined for a torn or foreign one, and for a layer of which a crash of the machine may have taken files. */
export function parseLayerRecord(text: string, diffId: string): LayerRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  const record = value as Partial<LayerMeasure & { version: number; unsettledIn: string }> | null
  const { size, tarSize, entries, opaque, highestId, unsettledIn } = record ?? {}
  if (record?.version !== VERSION || record.diffId !== diffId) return undefined
  if (typeof size !== 'number' || typeof entries !== 'number' || !Array.isArray(opaque)) return undefined
  if (unsettledIn !== undefined && unsettledIn !== readBootId()) return undefined
  const info = {
    diffId,
    size,
    ...(typeof tarSize === 'number' ? { tarSize } : {}),
    entries,
    opaque,
    ...highestIdOf(typeof highestId === 'number' ? highestId : 0),
  }
  return { info, isSettled: unsettledIn === undefined }
}
