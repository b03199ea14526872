import { describeAttribute } from './attribute.ts'

describeAttribute('external_links', {
  forms: [
    [
      ['redis', 'redis:r'],
      ['redis', 'redis:r'],
    ],
    [[], undefined],
  ],
  merges: [[['redis'], ['redis:r'], ['redis', 'redis:r']]],
  invalid: [
    [3, 'INVALID_TYPE'],
    [[{ a: 'b' }], 'INVALID_TYPE'],
    [['a', 'a'], 'DUPLICATE_ITEM'],
  ],
})
