import { describeAttribute } from './attribute.ts'

describeAttribute('credential_spec', {
  forms: [
    [{ file: './c.json' }, { file: './c.json' }],
    [{ registry: 'k' }, { registry: 'k' }],
  ],
  merges: [[{ registry: 'k' }, { registry: 'l' }, { registry: 'l' }]],
  invalid: [
    ['x', 'INVALID_TYPE'],
    [{ fil: 'x' }, 'UNKNOWN_ATTRIBUTE'],
  ],
})
