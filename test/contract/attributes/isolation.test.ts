import { describeAttribute } from './attribute.ts'

describeAttribute('isolation', {
  forms: [['default', 'default']],
  merges: [
    ['default', 'hyperv', 'hyperv'],
    ['default', null, 'default'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
