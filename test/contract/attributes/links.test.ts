import { describeAttribute } from './attribute.ts'

describeAttribute('links', {
  forms: [
    [
      ['db', 'db:database'],
      ['db', 'db:database'],
    ],
    [[], undefined],
  ],
  merges: [
    [['db'], ['db:database'], ['db', 'db:database']],
    [['db'], ['db'], ['db']],
  ],
  invalid: [
    [['db:a:b'], 'UNDEFINED_SERVICE'],
    [[':a'], 'UNDEFINED_SERVICE'],
    [3, 'INVALID_TYPE'],
    [[{ a: 'b' }], 'INVALID_TYPE'],
  ],
  others: { db: { image: 'y' } },
})
