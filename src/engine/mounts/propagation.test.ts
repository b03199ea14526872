import { expect, test } from 'vitest'
import { checkPropagation } from './propagation.ts'

const MOUNTS = `22 1 254:0 / / rw - ext4 /dev/vda rw
23 22 0:40 / /shared rw shared:7 - tmpfs tmpfs rw
24 22 0:41 / /told rw master:7 - tmpfs tmpfs rw
25 22 0:42 / /with\\040blank rw shared:8 master:7 - tmpfs tmpfs rw
26 23 0:43 / /shared/private rw - tmpfs tmpfs rw
`

test.each([
  ['rprivate', '/a', true],
  ['rslave', '/a', false],
  ['rslave', '/shared/a/b', true],
  ['rslave', '/told', true],
  ['rshared', '/told', false],
  ['rshared', '/shared', true],
  ['rshared', '/shared/private/a', false],
  ['shared', '/with blank/a', true],
])('%s of %s: %s', (propagation, source, allowed) => {
  const check = (): void => checkPropagation({ source, propagation }, MOUNTS, path => path)
  if (allowed) expect(check).not.toThrow()
  else expect(check).toThrow(expect.objectContaining({ code: 'BIND_PROPAGATION' }))
})
