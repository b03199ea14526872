import { describeAttribute } from './attribute.ts'

describeAttribute('dns', {
  forms: [
    ['1.1.1.1', ['1.1.1.1']],
    [
      ['1.1.1.1', '9.9.9.9'],
      ['1.1.1.1', '9.9.9.9'],
    ],
  ],
  merges: [
    ['1.1.1.1', ['9.9.9.9'], ['1.1.1.1', '9.9.9.9']],
    [['1.1.1.1'], '1.1.1.1', ['1.1.1.1']],
  ],
  invalid: [
    [1, 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
