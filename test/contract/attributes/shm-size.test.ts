import { describeAttribute } from './attribute.ts'

describeAttribute('shm_size', {
  forms: [
    ['64m', '67108864'],
    ['1.5g', '1610612736'],
    [1024, '1024'],
    ['512 KB', '524288'],
  ],
  merges: [['64m', '1g', '1073741824']],
  invalid: [['much', 'INVALID_TYPE']],
})
