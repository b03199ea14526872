import { describeAttribute } from './attribute.ts'

describeAttribute('cap_add', {
  forms: [
    [
      ['A', 'B'],
      ['A', 'B'],
    ],
    [[], undefined],
  ],
  merges: [
    [['A'], ['B'], ['A', 'B']],
    [['A'], ['A'], ['A']],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [[{ a: 'b' }], 'INVALID_TYPE'],
  ],
})
