import { describeAttribute } from './attribute.ts'

describeAttribute('mac_address', {
  forms: [['02:42:ac:11:65:43', '02:42:ac:11:65:43']],
  merges: [
    ['02:42:ac:11:65:43', '02:42:ac:11:65:44', '02:42:ac:11:65:44'],
    ['02:42:ac:11:65:43', null, '02:42:ac:11:65:43'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
