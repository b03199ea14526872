import { describeAttribute } from './attribute.ts'

describeAttribute('models', {
  forms: [
    [['m'], { m: null }],
    [{ m: { endpoint_var: 'E', model_var: 'M' } }, { m: { endpoint_var: 'E', model_var: 'M' } }],
  ],
  merges: [[['m'], { m: { model_var: 'M' } }, { m: { model_var: 'M' } }]],
  invalid: [
    [['n'], 'UNDEFINED_MODEL'],
    ['m', 'INVALID_TYPE'],
  ],
  file: { models: { m: { model: 'ai/x' } } },
  yamlOnly: true,
})
