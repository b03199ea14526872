import { expect, test } from 'vitest'
import { termsOf } from './index.ts'
import { refusals } from './refusals.test-support.ts'

test('the root can be written to, and /dev/shm has the usual size, unless something else is said', () => {
  expect(termsOf({}, {}).root).toEqual({ readonly: false })
  expect(termsOf({}, { ShmSize: 0 }).root).toEqual({ readonly: false })
  expect(termsOf({}, { ReadonlyRootfs: true, ShmSize: 4096 }).root).toEqual({ readonly: true, shmSize: 4096 })
})

test('less than no /dev/shm is refused', () => {
  expect(refusals({}, { ShmSize: -1 })).toEqual(['SHM_INVALID HostConfig.ShmSize'])
})
