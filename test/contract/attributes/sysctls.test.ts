import { describeAttribute } from './attribute.ts'

describeAttribute('sysctls', {
  forms: [
    [{ 'net.core.somaxconn': 1024 }, { 'net.core.somaxconn': '1024' }],
    [['net.core.somaxconn=1024'], { 'net.core.somaxconn': '1024' }],
  ],
  merges: [[{ 'a.b': 1 }, ['a.b=2', 'c.d=3'], { 'a.b': '2', 'c.d': '3' }]],
  invalid: [[1, 'INVALID_TYPE']],
})
