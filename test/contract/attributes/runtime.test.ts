import { describeAttribute } from './attribute.ts'

describeAttribute('runtime', {
  forms: [['runc', 'runc']],
  merges: [
    ['runc', 'crun', 'crun'],
    ['runc', null, 'runc'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
