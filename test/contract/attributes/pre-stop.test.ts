import { describeAttribute } from './attribute.ts'

describeAttribute('pre_stop', {
  forms: [
    [
      [{ command: 'a b', user: 'u', privileged: true, working_dir: '/', environment: { A: 1, HOME: null } }],
      [
        {
          command: ['a', 'b'],
          user: 'u',
          privileged: true,
          working_dir: '/',
          environment: { A: '1', HOME: '/home/u' },
        },
      ],
    ],
  ],
  merges: [[[{ command: 'a' }], [{ command: 'b' }], [{ command: ['a'] }, { command: ['b'] }]]],
  invalid: [
    [[{ user: 'u' }], 'MISSING_ATTRIBUTE'],
    [[{ command: 'a', image: 'x' }], 'UNKNOWN_ATTRIBUTE'],
  ],
})
