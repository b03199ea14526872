import { describeAttribute } from './attribute.ts'

describeAttribute('memswap_limit', {
  forms: [
    ['64m', '67108864'],
    [-1, '-1'],
    ['-1', '-1'],
  ],
  merges: [['64m', -1, '-1']],
  invalid: [['much', 'INVALID_TYPE']],
})
