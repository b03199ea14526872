import { describeAttribute } from './attribute.ts'

describeAttribute('working_dir', {
  forms: [['/srv', '/srv']],
  merges: [
    ['/srv', '/app', '/app'],
    ['/srv', null, '/srv'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
