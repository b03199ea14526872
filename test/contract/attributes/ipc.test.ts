import { describeAttribute } from './attribute.ts'

describeAttribute('ipc', {
  forms: [['shareable', 'shareable']],
  merges: [
    ['shareable', 'private', 'private'],
    ['shareable', null, 'shareable'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
