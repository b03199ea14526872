import { describeAttribute } from './attribute.ts'

describeAttribute('dns_opt', {
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
