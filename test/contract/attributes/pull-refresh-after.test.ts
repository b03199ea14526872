import { describeAttribute } from './attribute.ts'

describeAttribute('pull_refresh_after', {
  forms: [['24h', '24h']],
  merges: [
    ['24h', '12h', '12h'],
    ['24h', null, '24h'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
