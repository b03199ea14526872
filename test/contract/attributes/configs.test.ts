import { describeAttribute } from './attribute.ts'

describeAttribute('configs', {
  forms: [
    [['a'], [{ source: 'a' }]],
    [
      [{ source: 'a', target: '/x', uid: '1', gid: '2', mode: 288 }],
      [{ source: 'a', target: '/x', uid: '1', gid: '2', mode: '0440' }],
    ],
    [[{ source: 'a', mode: '0400' }], [{ source: 'a', mode: '0400' }]],
  ],
  merges: [
    [['a'], ['b'], [{ source: 'a' }, { source: 'b' }]],
    [['a'], [{ source: 'a', mode: '0400' }], [{ source: 'a', mode: '0400' }]],
  ],
  invalid: [
    [[{ target: 'x' }], 'UNDEFINED_CONFIG'],
    [[''], 'UNDEFINED_CONFIG'],
    [[{ source: 'a', mode: '0o440' }], 'INVALID_TYPE'],
    [[{ source: 'a', mode: 1.5 }], 'INVALID_TYPE'],
    [['c'], 'UNDEFINED_CONFIG'],
    ['a', 'INVALID_TYPE'],
    [[{ source: 'a', mode: 'rw' }], 'INVALID_TYPE'],
  ],
  file: { configs: { a: { file: './a' }, b: { file: './b' } } },
})
