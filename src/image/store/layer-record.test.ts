import { expect, test } from 'vitest'
import { parseLayerRecord, renderLayerRecord } from './layer-record.ts'

const INFO = { diffId: `sha256:${'a'.repeat(64)}`, size: 3, entries: 1, opaque: [] }

test('a record tells of ids above 65,535, and of no others', () => {
  const read = (info: typeof INFO & { highestId?: number }) =>
    parseLayerRecord(renderLayerRecord(info, true), INFO.diffId)?.info
  expect(read(INFO)).toEqual(INFO)
  expect(read({ ...INFO, highestId: 70_000 })).toEqual({ ...INFO, highestId: 70_000 })
  expect(read({ ...INFO, highestId: 7 })).toEqual(INFO)
})
