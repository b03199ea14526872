import { describeAttribute } from './attribute.ts'

describeAttribute('logging', {
  forms: [
    [
      { driver: 'json-file', options: { 'max-size': '1m', n: 3 } },
      { driver: 'json-file', options: { 'max-size': '1m', n: '3' } },
    ],
    [{}, {}],
  ],
  merges: [
    [
      { driver: 'a', options: { x: '1' } },
      { options: { y: '2' } },
      { driver: 'a', options: { x: '1', y: '2' } },
    ],
    [{ driver: 'a', options: { x: '1' } }, { driver: 'b' }, { driver: 'b' }],
  ],
  invalid: [
    ['json-file', 'INVALID_TYPE'],
    [{ opts: {} }, 'UNKNOWN_ATTRIBUTE'],
  ],
})
