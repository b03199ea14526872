import { describeAttribute } from './attribute.ts'

describeAttribute('uts', {
  forms: [['host', 'host']],
  merges: [
    ['host', 'private', 'private'],
    ['host', null, 'host'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
