import { describeAttribute } from './attribute.ts'

describeAttribute('secrets', {
  forms: [
    [['a'], [{ source: 'a', target: '/run/secrets/a' }]],
    [
      [{ source: 'a', target: '/x', uid: '1', gid: '2', mode: 288 }],
      [{ source: 'a', target: '/x', uid: '1', gid: '2', mode: '0440' }],
    ],
    [[{ source: 'a', mode: '0400' }], [{ source: 'a', target: '/run/secrets/a', mode: '0400' }]],
  ],
  merges: [
    [
      ['a'],
      ['b'],
      [
        { source: 'a', target: '/run/secrets/a' },
        { source: 'b', target: '/run/secrets/b' },
      ],
    ],
    [['a'], [{ source: 'a', mode: '0400' }], [{ source: 'a', target: '/run/secrets/a', mode: '0400' }]],
  ],
  invalid: [
    [[{ target: 'x' }], 'UNDEFINED_SECRET'],
    [[''], 'UNDEFINED_SECRET'],
    [[{ source: 'a', mode: '0o440' }], 'INVALID_TYPE'],
    [[{ source: 'a', mode: 1.5 }], 'INVALID_TYPE'],
    [['c'], 'UNDEFINED_SECRET'],
    ['a', 'INVALID_TYPE'],
    [[{ source: 'a', mode: 'rw' }], 'INVALID_TYPE'],
  ],
  file: { secrets: { a: { file: './a' }, b: { file: './b' } } },
})
