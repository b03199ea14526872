import { describeAttribute } from './attribute.ts'

describeAttribute('labels', {
  forms: [
    [
      { 'a.b': 1, c: null },
      { 'a.b': '1', c: '' },
    ],
    [['a=1', 'b'], { a: '1', b: '' }],
  ],
  merges: [[{ a: '1', b: '2' }, ['b=3'], { a: '1', b: '3' }]],
  invalid: [
    [{ '': 'a' }, 'INVALID_NAME'],
    ['a=1', 'INVALID_TYPE'],
    [{ a: { b: 'c' } }, 'INVALID_TYPE'],
  ],
})
