import { expect, test } from 'vitest'
import { unmet, unmetTrace } from './unmet.ts'

test('caches of other types and attributes that nobody knows are told, and nothing else is', () => {
  const known = { Type: 'registry', Attrs: { ref: 'r/c' } }
  const asked = {
    attributes: {
      filename: 'Dockerfile',
      'build-arg:A': '1',
      'context:more': 'local:more',
      'input-metadata:base::linux/amd64': '{}',
      'cgroup-parent': '/c',
      hostname: 'h',
    },
    cacheImports: [known, { Type: 'gha', Attrs: {} }, { Type: 's3', Attrs: {} }, { Type: 's3', Attrs: {} }],
  }
  const told = unmet(asked)
  expect(told.map(text => /type=(?:gha|s3)|"[^"]+"/.exec(text)?.[0])).toEqual([
    'type=gha',
    'type=s3',
    '"cgroup-parent"',
    '"hostname"',
  ])
  expect(unmet({ ...asked, attributes: {}, cacheImports: [known] })).toEqual([])
  const { vertexes = [], warnings = [] } = unmetTrace(told)
  expect(warnings.map(({ vertex }) => vertex)).toEqual(told.map(() => vertexes[0]?.digest))
})
