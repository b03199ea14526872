import { describeAttribute } from './attribute.ts'

describeAttribute('scale', {
  forms: [
    [3, 3],
    ['2', 2],
    [0, 0],
  ],
  merges: [[1, 2, 2]],
  invalid: [['many', 'INVALID_TYPE']],
})
