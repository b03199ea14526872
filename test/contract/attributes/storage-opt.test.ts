import { describeAttribute } from './attribute.ts'

describeAttribute('storage_opt', {
  forms: [[{ size: '1G' }, { size: '1G' }]],
  merges: [[{ size: '1G' }, { size: '2G' }, { size: '2G' }]],
  invalid: [
    [{ size: 1.5 }, 'INVALID_TYPE'],
    [{ size: true }, 'INVALID_TYPE'],
    [{ size: ['a'] }, 'INVALID_TYPE'],
    ['1G', 'INVALID_TYPE'],
  ],
})
