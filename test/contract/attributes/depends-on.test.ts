import { describeAttribute } from './attribute.ts'

describeAttribute('depends_on', {
  forms: [
    [['t'], { t: { condition: 'service_started', required: true } }],
    [
      { t: { condition: 'service_healthy', restart: true } },
      { t: { condition: 'service_healthy', restart: true, required: true } },
    ],
    [
      { t: { condition: 'service_completed_successfully', required: false } },
      { t: { condition: 'service_completed_successfully', required: false } },
    ],
  ],
  merges: [
    [['t'], { t: { condition: 'service_healthy' } }, { t: { condition: 'service_healthy', required: true } }],
  ],
  invalid: [
    [{ 'x-a': { condition: 'service_started' } }, 'UNDEFINED_SERVICE'],
    [['nobody'], 'UNDEFINED_SERVICE'],
    [{ t: {} }, 'MISSING_ATTRIBUTE'],
    [{ t: { condition: 'service_ready' } }, 'INVALID_VALUE'],
    ['t', 'INVALID_TYPE'],
    [['s'], 'DEPENDENCY_CYCLE'],
  ],
  others: { t: { image: 'y' } },
})
