import { expect, test } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import { layerOf } from './unpacker.ts'

test('what cannot be unpacked is named, with the reason, its code and its hint', () => {
  const layer = failure({ code: 'DISK_FULL', kind: 'unavailable', summary: 'no room', hint: 'free some' })
  const unpack = (): unknown => layerOf({ layer, packed: 'sha256:', isWhole: true }, 'layer abc of "web:1"')
  expect(unpack).toThrow(
    expect.objectContaining({
      kind: 'unavailable',
      diagnostics: [
        {
          severity: 'error',
          code: 'DISK_FULL',
          summary: 'layer abc of "web:1" cannot be unpacked',
          detail: 'no room',
          hint: 'free some',
        },
      ],
    }),
  )
})
