import { describeAttribute } from './attribute.ts'

describeAttribute('platform', {
  forms: [['linux/amd64', 'linux/amd64']],
  merges: [
    ['linux/amd64', 'linux/arm64', 'linux/arm64'],
    ['linux/amd64', null, 'linux/amd64'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
