import { describeAttribute } from './attribute.ts'

describeAttribute('volumes_from', {
  forms: [[['container:x:ro'], ['container:x:ro']]],
  merges: [[['container:x'], ['container:y'], ['container:x', 'container:y']]],
  invalid: [['container:x', 'INVALID_TYPE']],
})
