import { describeAttribute } from './attribute.ts'

describeAttribute('expose', {
  forms: [
    [
      [80, '8080-8085/udp'],
      ['80', '8080-8085/udp'],
    ],
  ],
  merges: [[[80], ['80', 81], ['80', '81']]],
  invalid: [
    [[80.5], 'INVALID_TYPE'],
    [80, 'INVALID_TYPE'],
    [[true], 'INVALID_TYPE'],
  ],
})
