import { expect, test } from 'vitest'
import { canonicalReference, familiarName, familiarReference, parseReference } from './reference.ts'

const DIGEST = `sha256:${'ab'.repeat(32)}`

test.each([
  ['debian', 'docker.io/library/debian:latest', 'debian:latest'],
  ['debian:bookworm', 'docker.io/library/debian:bookworm', 'debian:bookworm'],
  ['docker.io/library/debian:12', 'docker.io/library/debian:12', 'debian:12'],
  ['index.docker.io/debian', 'docker.io/library/debian:latest', 'debian:latest'],
  ['bitnami/nginx', 'docker.io/bitnami/nginx:latest', 'bitnami/nginx:latest'],
  ['localhost/x', 'localhost/x:latest', 'localhost/x:latest'],
  ['localhost:5000/a/b:1.0', 'localhost:5000/a/b:1.0', 'localhost:5000/a/b:1.0'],
  ['ghcr.io/o/r:v1', 'ghcr.io/o/r:v1', 'ghcr.io/o/r:v1'],
  [`debian@${DIGEST}`, `docker.io/library/debian@${DIGEST}`, `debian@${DIGEST}`],
  [`debian:12@${DIGEST}`, `docker.io/library/debian:12@${DIGEST}`, `debian:12@${DIGEST}`],
])('%s is %s and is shown as %s', (text, canonical, familiar) => {
  const reference = parseReference(text)
  expect([canonicalReference(reference), familiarReference(reference)]).toEqual([canonical, familiar])
})

test('the familiar name has no tag', () => {
  expect(familiarName(parseReference('localhost:5000/a/b:1.0'))).toBe('localhost:5000/a/b')
})

test.each([
  '',
  'Debian',
  'a//b',
  'a:',
  'a:b:c/',
  'a b',
  '../x',
  'a@sha256:12',
  'x:-y',
  `${'a'.repeat(256)}`,
])('"%s" is refused', text => {
  expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'REFERENCE_INVALID' }))
})
