import { describeAttribute } from './attribute.ts'

describeAttribute('stop_signal', {
  forms: [['SIGINT', 'SIGINT']],
  merges: [
    ['SIGINT', 'SIGQUIT', 'SIGQUIT'],
    ['SIGINT', null, 'SIGINT'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
