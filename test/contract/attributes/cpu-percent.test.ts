import { describeAttribute } from './attribute.ts'

describeAttribute('cpu_percent', {
  forms: [
    [50, 50],
    ['12.5', 12.5],
  ],
  merges: [[50, 60, 60]],
  invalid: [
    [101, 'INVALID_VALUE'],
    ['all', 'INVALID_TYPE'],
  ],
})
