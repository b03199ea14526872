import { describeAttribute } from './attribute.ts'

describeAttribute('privileged', {
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
