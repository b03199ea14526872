import { describeAttribute } from './attribute.ts'

describeAttribute('storage_opt', {
  forms: [[{ size: '1G' }, { size: '1G' }]],
  merges: [[{ size: '1G' }, { size: '2G' }, { size: '2G' }]],
  invalid: [['1G', 'INVALID_TYPE']],
})
