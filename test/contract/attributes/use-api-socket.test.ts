import { describeAttribute } from './attribute.ts'

describeAttribute('use_api_socket', {
  forms: [
    [true, true],
    [false, undefined],
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
