import { describeAttribute } from './attribute.ts'

describeAttribute('dns_search', {
  forms: [
    ['a.org', ['a.org']],
    [
      ['a.org', 'b.org'],
      ['a.org', 'b.org'],
    ],
  ],
  merges: [
    ['a.org', ['b.org'], ['a.org', 'b.org']],
    [['a.org'], 'a.org', ['a.org']],
  ],
  invalid: [
    [1, 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
