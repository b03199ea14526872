import { describeAttribute } from './attribute.ts'

describeAttribute('image', {
  forms: [['nginx:1', 'nginx:1']],
  merges: [
    ['nginx:1', 'nginx:2', 'nginx:2'],
    ['nginx:1', null, 'nginx:1'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
    [null, 'INVALID_TYPE'],
  ],
})
