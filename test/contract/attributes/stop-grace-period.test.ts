import { describeAttribute } from './attribute.ts'

describeAttribute('stop_grace_period', {
  forms: [
    ['1.0000000005s', '1s'],
    ['4.35s', '4.35s'],
    ['90s', '1m30s'],
    ['1h', '1h0m0s'],
    ['1500ms', '1.5s'],
    ['0s', '0s'],
    ['1d', '24h0m0s'],
  ],
  merges: [['10s', '1m', '1m0s']],
  invalid: [
    [' 5s', 'INVALID_TYPE'],
    ['5s ', 'INVALID_TYPE'],
    ['9999999h', 'INVALID_TYPE'],
    ['soon', 'INVALID_TYPE'],
    [10, 'INVALID_TYPE'],
  ],
})
