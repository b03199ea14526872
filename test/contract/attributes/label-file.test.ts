import { describeAttribute } from './attribute.ts'

describeAttribute('label_file', {
  forms: [],
  invalid: [
    [['missing.labels'], 'ENV_FILE_NOT_FOUND'],
    [3, 'INVALID_TYPE'],
  ],
})
