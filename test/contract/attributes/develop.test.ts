import { describeAttribute } from './attribute.ts'

describeAttribute('develop', {
  forms: [
    [
      {
        watch: [
          { path: './src', action: 'sync', target: '/app', ignore: 'node_modules', include: ['*.ts'] },
          { path: 'a', action: 'rebuild' },
        ],
      },
      {
        watch: [
          { path: '/p/src', action: 'sync', target: '/app', ignore: ['node_modules'], include: ['*.ts'] },
          { path: '/p/a', action: 'rebuild' },
        ],
      },
    ],
    [{}, {}],
  ],
  merges: [
    [
      { watch: [{ path: 'a', action: 'rebuild' }] },
      { watch: [{ path: 'b', action: 'rebuild' }] },
      {
        watch: [
          { path: '/p/a', action: 'rebuild' },
          { path: '/p/b', action: 'rebuild' },
        ],
      },
    ],
  ],
  invalid: [
    [{ watch: [{ path: 'a', action: 'sink' }] }, 'INVALID_VALUE'],
    [{ watch: [{ path: 'a', action: 'sync' }] }, 'WATCH_TARGET_MISSING'],
    [{ watch: [{ action: 'rebuild' }] }, 'MISSING_ATTRIBUTE'],
  ],
})
