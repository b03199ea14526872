import { describeAttribute } from './attribute.ts'

describeAttribute('gpus', {
  forms: [
    ['all', [{ count: -1 }]],
    [[{ driver: 'nvidia', count: 2 }], [{ driver: 'nvidia', count: 2 }]],
    [[{ device_ids: ['0'] }], [{ device_ids: ['0'] }]],
  ],
  invalid: [
    ['some', 'INVALID_VALUE'],
    [1, 'INVALID_TYPE'],
  ],
})
