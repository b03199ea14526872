import { describeAttribute } from './attribute.ts'

describeAttribute('mem_limit', {
  forms: [
    ['.5g', '536870912'],
    ['+1m', '1048576'],
    ['1e2m', '104857600'],
    ['-1', '-1'],
    ['64m', '67108864'],
    ['1.5g', '1610612736'],
    [1024, '1024'],
    ['512 KB', '524288'],
  ],
  merges: [['64m', '1g', '1073741824']],
  invalid: [
    [' 1m', 'INVALID_TYPE'],
    ['1m ', 'INVALID_TYPE'],
    ['1iB', 'INVALID_TYPE'],
    ['-1m', 'INVALID_TYPE'],
    ['99999999999g', 'INVALID_TYPE'],
    ['much', 'INVALID_TYPE'],
  ],
})
