import { describeAttribute } from './attribute.ts'

describeAttribute('scale', {
  forms: [
    [3, 3],
    ['2', 2],
    [0, 0],
  ],
  merges: [[1, 2, 2]],
  invalid: [
    [-1, 'INVALID_VALUE'],
    ['9223372036854775808', 'INVALID_TYPE'],
    ['many', 'INVALID_TYPE'],
  ],
})
