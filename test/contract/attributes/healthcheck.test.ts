import { describeAttribute } from './attribute.ts'

describeAttribute('healthcheck', {
  forms: [
    [
      {
        test: 'curl x',
        interval: '1m30s',
        timeout: '90s',
        retries: 3,
        start_period: '0s',
        start_interval: '1s',
      },
      {
        test: ['CMD-SHELL', 'curl x'],
        interval: '1m30s',
        timeout: '1m30s',
        retries: 3,
        start_period: '0s',
        start_interval: '1s',
      },
    ],
    [
      { test: ['CMD', 'true'], retries: '5' },
      { test: ['CMD', 'true'], retries: 5 },
    ],
    [{ disable: true }, { disable: true }],
    [{ test: ['NONE'] }, { test: ['NONE'] }],
  ],
  merges: [[{ test: ['CMD', 'a'], retries: 1 }, { test: ['CMD', 'b'] }, { test: ['CMD', 'b'], retries: 1 }]],
  invalid: [
    [{ test: 'a', retries: -1 }, 'INVALID_VALUE'],
    [{ test: ['curl', 'x'] }, 'INVALID_HEALTHCHECK'],
    [{ interval: 'often' }, 'INVALID_TYPE'],
    [{ intervall: '1s' }, 'UNKNOWN_ATTRIBUTE'],
    ['curl', 'INVALID_TYPE'],
  ],
})
