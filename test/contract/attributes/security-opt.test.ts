import { describeAttribute } from './attribute.ts'

describeAttribute('security_opt', {
  forms: [
    [
      ['no-new-privileges', 'label:disable'],
      ['no-new-privileges', 'label:disable'],
    ],
    [[], undefined],
  ],
  merges: [[['no-new-privileges'], ['label:disable'], ['no-new-privileges', 'label:disable']]],
  invalid: [
    [3, 'INVALID_TYPE'],
    [[{ a: 'b' }], 'INVALID_TYPE'],
    [['a', 'a'], 'DUPLICATE_ITEM'],
  ],
})
