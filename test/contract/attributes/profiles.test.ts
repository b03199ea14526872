import { describeAttribute } from './attribute.ts'

describeAttribute('profiles', {
  forms: [
    [['a', 'a'], ['a']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [[], undefined],
  ],
  merges: [
    [['a'], ['b'], ['a', 'b']],
    [['a', 'b'], ['a'], ['a', 'b']],
  ],
  invalid: [
    ['a', 'INVALID_TYPE'],
    [[1], 'INVALID_TYPE'],
    [{ a: true }, 'INVALID_TYPE'],
  ],
  profiles: ['*'],
})
