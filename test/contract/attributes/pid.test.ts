import { describeAttribute } from './attribute.ts'

describeAttribute('pid', {
  forms: [['host', 'host']],
  merges: [
    ['host', 'container:x', 'container:x'],
    ['host', null, 'host'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
