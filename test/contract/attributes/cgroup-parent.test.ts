import { describeAttribute } from './attribute.ts'

describeAttribute('cgroup_parent', {
  forms: [['/a', '/a']],
  merges: [
    ['/a', '/b', '/b'],
    ['/a', null, '/a'],
  ],
  invalid: [
    [3, 'INVALID_TYPE'],
    [['a'], 'INVALID_TYPE'],
    [{ a: 'b' }, 'INVALID_TYPE'],
  ],
})
