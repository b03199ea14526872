import { expect, test } from 'vitest'
import { compareKeys } from './key-order.ts'

// The order in which Docker Compose 2.40 prints these keys.
const PRINTED = [
  '_x',
  '0',
  '9',
  '10',
  'A',
  'B',
  'B-C',
  'B_C',
  'B1',
  'B1a',
  'B1.5',
  'B1_',
  'B01',
  'B2',
  'B10',
  'BAC',
  'DOCKER_HOST',
  'DOCKERSCAN',
  'HTTP_PORT',
  'HTTPS_PORT',
  'Z',
  'a',
  'a_b',
  'a1b',
  'ab',
  'b0',
  'b00',
  'b20',
  'b100',
  'e',
  'x.y',
  'x_y',
  'x1y',
  'x9',
  'x09',
  'x10y',
  'xy',
  'z',
  'é',
]

test('keys stand as Docker Compose prints them', () => {
  expect(PRINTED.toSorted().sort(compareKeys)).toEqual(PRINTED)
  expect(PRINTED.toReversed().sort(compareKeys)).toEqual(PRINTED)
})
