import { describeAttribute } from './attribute.ts'

describeAttribute('volumes_from', {
  forms: [[['container:x:ro'], ['container:x:ro']]],
  merges: [[['container:x'], ['container:y'], ['container:x', 'container:y']]],
  invalid: [
    [['container'], 'UNDEFINED_SERVICE'],
    [[':ro'], 'UNDEFINED_SERVICE'],
    ['container:x', 'INVALID_TYPE'],
  ],
})
