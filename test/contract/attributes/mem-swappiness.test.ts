import { describeAttribute } from './attribute.ts'

describeAttribute('mem_swappiness', {
  forms: [
    [60, '60'],
    ['60', '60'],
  ],
  merges: [[60, 10, '10']],
  invalid: [['much', 'INVALID_TYPE']],
})
