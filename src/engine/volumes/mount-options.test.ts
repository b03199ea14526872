import { expect, test } from 'vitest'
import { parseMountOptions } from './mount-options.ts'

test.each([
  ['', 0, ''],
  ['size=16m,uid=1000', 0, 'size=16m,uid=1000'],
  ['addr=127.0.0.1,rw', 0, 'addr=127.0.0.1'],
  ['ro,nosuid,noexec,nodev', 15, ''],
  ['ro,rw,defaults', 0, ''],
  ['rbind,noatime', 0x5400, ''],
  ['nolock,soft,,relatime,vers=4', 0x200000, 'nolock,soft,vers=4'],
  ['constructor', 0, 'constructor'],
])('%s: flags %d, data %s', (o, flags, data) => {
  expect(parseMountOptions(o)).toEqual({ flags, data })
})
