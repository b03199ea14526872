import { describeAttribute } from './attribute.ts'

describeAttribute('environment', {
  forms: [
    [
      { A: 1, B: true, C: null, D: '' },
      { A: '1', B: 'true', C: null, D: '' },
    ],
    [['A=1', 'C', 'D='], { A: '1', C: null, D: '' }],
    [{ HOME: null }, { HOME: '/home/u' }],
    [['HOME'], { HOME: '/home/u' }],
    [{ A: 'x=y' }, { A: 'x=y' }],
    [{}, undefined],
  ],
  merges: [
    [{ A: '1', B: '2' }, ['B=3', 'C=4'], { A: '1', B: '3', C: '4' }],
    [['A=1'], { A: null }, { A: null }],
  ],
  invalid: [
    [{ '': 'a' }, 'INVALID_NAME'],
    ['A=1', 'INVALID_TYPE'],
    [{ A: ['x'] }, 'INVALID_TYPE'],
    [[{ A: 'x' }], 'INVALID_TYPE'],
  ],
})
