import { describeAttribute } from './attribute.ts'

describeAttribute('attach', {
  forms: [
    [true, true],
    [false, false],
    ['true', true],
    ['no', false],
  ],
  merges: [[true, false, false]],
  invalid: [['maybe', 'INVALID_TYPE']],
})
