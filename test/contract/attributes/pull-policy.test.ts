import { describeAttribute } from './attribute.ts'

describeAttribute('pull_policy', {
  forms: [
    ['always', 'always'],
    ['if_not_present', 'missing'],
    ['every_12h', 'every_12h'],
    ['daily', 'daily'],
  ],
  merges: [['always', 'never', 'never']],
  invalid: [['sometimes', 'INVALID_VALUE']],
})
