import { describeAttribute } from './attribute.ts'

describeAttribute('container_name', {
  forms: [['my-web', 'my-web']],
  merges: [
    ['my-web', 'my-api', 'my-api'],
    ['my-web', null, 'my-web'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
