import { describeAttribute } from './attribute.ts'

describeAttribute('tmpfs', {
  forms: [
    ['/run', ['/run']],
    [
      ['/run', '/tmp:size=1m'],
      ['/run', '/tmp:size=1m'],
    ],
  ],
  merges: [
    ['/run', ['/tmp:size=1m'], ['/run', '/tmp:size=1m']],
    [['/run'], '/run', ['/run']],
  ],
  invalid: [
    [1, 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
