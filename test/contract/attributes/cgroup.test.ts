import { describeAttribute } from './attribute.ts'

describeAttribute('cgroup', {
  forms: [
    ['host', 'host'],
    ['private', 'private'],
  ],
  merges: [['host', 'private', 'private']],
  invalid: [['other', 'INVALID_VALUE']],
})
