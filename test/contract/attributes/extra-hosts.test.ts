import { describeAttribute } from './attribute.ts'

describeAttribute('extra_hosts', {
  forms: [
    [
      ['a=', 'b:'],
      ['a=', 'b='],
    ],
    [['a=1.1.1.1,2.2.2.2'], ['a=1.1.1.1', 'a=2.2.2.2']],
    [['a = 1.1.1.1'], ['a = 1.1.1.1']],
    [{ b: '1.2.3.4', a: ['::1', '10.0.0.1'] }, ['a=10.0.0.1', 'a=::1', 'b=1.2.3.4']],
    [
      ['b:1.2.3.4', 'a=[::1]', 'h:host-gateway'],
      ['a=::1', 'b=1.2.3.4', 'h=host-gateway'],
    ],
  ],
  merges: [[['a=1.1.1.1'], { a: '2.2.2.2' }, ['a=1.1.1.1', 'a=2.2.2.2']]],
  invalid: [
    [{ 'a=b': '1.1.1.1' }, 'INVALID_HOST'],
    [['=1.1.1.1'], 'INVALID_HOST'],
    ['a=1.1.1.1', 'INVALID_TYPE'],
    [['nothing'], 'INVALID_HOST'],
  ],
})
