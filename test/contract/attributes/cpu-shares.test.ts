import { describeAttribute } from './attribute.ts'

describeAttribute('cpu_shares', {
  forms: [
    [50, 50],
    ['50', 50],
    [0, undefined],
  ],
  merges: [[50, 60, 60]],
  invalid: [
    ['many', 'INVALID_TYPE'],
    [{ a: 1 }, 'INVALID_TYPE'],
  ],
})
