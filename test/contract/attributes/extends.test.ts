import { describeAttribute } from './attribute.ts'

describeAttribute('extends', {
  forms: [],
  invalid: [
    ['nobody', 'EXTENDS_NOT_FOUND'],
    [{ service: 's' }, 'EXTENDS_CYCLE'],
    [{ file: 'x.yaml', service: 's' }, 'FILE_NOT_FOUND'],
    [{ file: 'x.yaml' }, 'EXTENDS_SERVICE_MISSING'],
  ],
})
