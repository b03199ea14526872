import { describeAttribute } from './attribute.ts'

describeAttribute('userns_mode', {
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
