import { describeAttribute } from './attribute.ts'

describeAttribute('cpus', {
  forms: [
    [0.5, 0.5],
    ['1.5', 1.5],
    [2, 2],
  ],
  merges: [[1, '0.25', 0.25]],
  invalid: [['half', 'INVALID_TYPE']],
})
