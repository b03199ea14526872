import { describeAttribute } from './attribute.ts'

describeAttribute('init', {
  forms: [
    [true, true],
    [false, false],
    ['true', true],
    ['no', false],
  ],
  merges: [[true, false, false]],
  invalid: [['maybe', 'INVALID_TYPE']],
})
