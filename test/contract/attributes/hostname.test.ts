import { describeAttribute } from './attribute.ts'

describeAttribute('hostname', {
  forms: [['web', 'web']],
  merges: [
    ['web', 'api', 'api'],
    ['web', null, 'web'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
