import { describeAttribute } from './attribute.ts'

describeAttribute('restart', {
  forms: [['unless-stopped', 'unless-stopped']],
  merges: [
    ['unless-stopped', 'always', 'always'],
    ['unless-stopped', null, 'unless-stopped'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
