import { describeAttribute } from './attribute.ts'

describeAttribute('group_add', {
  forms: [
    [
      ['A', 'B'],
      ['A', 'B'],
    ],
    [[], undefined],
    [[44], ['44']],
  ],
  merges: [[['A'], ['B'], ['A', 'B']]],
  invalid: [
    [[1.5], 'INVALID_TYPE'],
    [3, 'INVALID_TYPE'],
    [[{ a: 'b' }], 'INVALID_TYPE'],
    [['A', 'A'], 'DUPLICATE_ITEM'],
  ],
})
