import { describeAttribute } from './attribute.ts'

describeAttribute('domainname', {
  forms: [['example.org', 'example.org']],
  merges: [
    ['example.org', 'example.com', 'example.com'],
    ['example.org', null, 'example.org'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
