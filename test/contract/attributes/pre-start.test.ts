import { describeAttribute } from './attribute.ts'

describeAttribute('pre_start', {
  forms: [
    [
      [{ command: 'a b', image: 'x', per_replica: false, environment: ['A=1'] }],
      [{ command: ['a', 'b'], image: 'x', environment: { A: '1' } }],
    ],
  ],
  merges: [[[{ command: 'a' }], [{ command: 'b' }], [{ command: ['a'] }, { command: ['b'] }]]],
  invalid: [
    [[{ image: 'x' }], 'MISSING_ATTRIBUTE'],
    [{ command: 'a' }, 'INVALID_TYPE'],
  ],
})
