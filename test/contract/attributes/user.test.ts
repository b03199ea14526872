import { describeAttribute } from './attribute.ts'

describeAttribute('user', {
  forms: [['1000:1000', '1000:1000']],
  merges: [
    ['1000:1000', 'app', 'app'],
    ['1000:1000', null, '1000:1000'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
