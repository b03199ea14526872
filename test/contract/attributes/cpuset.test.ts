import { describeAttribute } from './attribute.ts'

describeAttribute('cpuset', {
  forms: [['0-3', '0-3']],
  merges: [
    ['0-3', '0,1', '0,1'],
    ['0-3', null, '0-3'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
