import { describeAttribute } from './attribute.ts'

describeAttribute('oom_kill_disable', {
  forms: [
    [true, true],
    [false, undefined],
    ['true', true],
    ['yes', true],
    ['off', undefined],
  ],
  merges: [
    [true, false, undefined],
    [false, true, true],
  ],
  invalid: [
    ['maybe', 'INVALID_TYPE'],
    [[true], 'INVALID_TYPE'],
  ],
})
