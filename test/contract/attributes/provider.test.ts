import { describeAttribute } from './attribute.ts'

describeAttribute('provider', {
  forms: [
    [
      { type: 'x', options: { a: 1, b: ['c', 2, true] } },
      { type: 'x', options: { a: ['1'], b: ['c', '2', 'true'] } },
    ],
  ],
  merges: [
    [
      { type: 'x', options: { a: 1 } },
      { type: 'y', options: { b: 2 } },
      { type: 'y', options: { a: ['1'], b: ['2'] } },
    ],
  ],
  invalid: [
    [{ options: {} }, 'MISSING_ATTRIBUTE'],
    ['x', 'INVALID_TYPE'],
  ],
})
