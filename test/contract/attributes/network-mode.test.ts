import { describeAttribute } from './attribute.ts'

describeAttribute('network_mode', {
  forms: [
    ['host', 'host'],
    ['none', 'none'],
    ['container:x', 'container:x'],
  ],
  merges: [['host', 'none', 'none']],
  invalid: [
    ['service:', 'UNDEFINED_SERVICE'],
    ['service:nobody', 'UNDEFINED_SERVICE'],
    [1, 'INVALID_TYPE'],
  ],
})
