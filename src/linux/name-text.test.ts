import { expect, test } from 'vitest'
import { bytesOfName, compareNames, nodePath, textOfName } from './name-text.ts'

test.each([
  ['', ''],
  ['61e962', 'a\udce9b'],
  ['c3a4', 'ä'],
  ['e282', '\udce2\udc82'],
  ['eda080', '\udced\udca0\udc80'],
  ['c080', '\udcc0\udc80'],
  ['f09f9880ff', '😀\udcff'],
  ['efbfbd', '\ufffd'],
])('bytes %s are the text %j, and again the bytes', (hex, text) => {
  expect(textOfName(Buffer.from(hex, 'hex'))).toBe(text)
  expect(bytesOfName(text).toString('hex')).toBe(hex)
})

test('any bytes come back', () => {
  for (let first = 0; first < 256; first += 1)
    for (let second = 0; second < 256; second += 5) {
      const bytes = Buffer.from([first, second, 0xe2, first, 0x82, 0xac, second])
      expect(bytesOfName(textOfName(bytes)).equals(bytes)).toBe(true)
    }
})

test('a path is bytes only where it must be', () => {
  expect(nodePath('/ä')).toBe('/ä')
  expect(nodePath('/\udce9')).toEqual(Buffer.from('2fe9', 'hex'))
})

test('names are in the order of their bytes', () => {
  expect(['\ufffd', '😀', '\udcff', 'ä'].toSorted(compareNames)).toEqual(['ä', '\ufffd', '😀', '\udcff'])
})
