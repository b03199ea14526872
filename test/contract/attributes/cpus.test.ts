import { describeAttribute } from './attribute.ts'

describeAttribute('cpus', {
  forms: [
    [33.333333, 33.333332],
    [16_777_217, 16_777_216],
    [1e-50, undefined],
    [0.5, 0.5],
    ['1.5', 1.5],
    [2, 2],
  ],
  merges: [[1, '0.25', 0.25]],
  invalid: [
    ['1e400', 'INVALID_TYPE'],
    [3.4e39, 'INVALID_TYPE'],
    ['half', 'INVALID_TYPE'],
  ],
})
