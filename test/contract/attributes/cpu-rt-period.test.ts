import { describeAttribute } from './attribute.ts'

describeAttribute('cpu_rt_period', {
  forms: [
    [50000, 50000],
    ['50000', 50000],
  ],
  merges: [[50000, 60000, 60000]],
  invalid: [['many', 'INVALID_TYPE']],
})
