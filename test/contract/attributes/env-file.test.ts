import { describeAttribute } from './attribute.ts'

describeAttribute('env_file', {
  forms: [],
  invalid: [
    [['missing.env'], 'ENV_FILE_NOT_FOUND'],
    [[{ path: 'a.env', format: 'xml' }], 'INVALID_FORMAT'],
    [3, 'INVALID_TYPE'],
    [[{ required: false }], 'MISSING_ATTRIBUTE'],
  ],
  files: { '/p/a.env': 'A=1\n' },
})
