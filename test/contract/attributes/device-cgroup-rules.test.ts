import { describeAttribute } from './attribute.ts'

describeAttribute('device_cgroup_rules', {
  forms: [
    [
      ['c 1:3 mr', 'a 7:* rmw'],
      ['c 1:3 mr', 'a 7:* rmw'],
    ],
    [[], undefined],
  ],
  merges: [[['c 1:3 mr'], ['a 7:* rmw'], ['c 1:3 mr', 'a 7:* rmw']]],
  invalid: [
    [3, 'INVALID_TYPE'],
    [[{ a: 'b' }], 'INVALID_TYPE'],
  ],
})
