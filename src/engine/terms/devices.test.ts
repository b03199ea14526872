import { expect, test } from 'vitest'
import { termsOf } from './index.ts'

test('a device has its own path inside and all rights where nothing else is said', () => {
  const device = { PathOnHost: '/dev/fuse', PathInContainer: '', CgroupPermissions: '' }
  const other = { PathOnHost: '/dev/sda', PathInContainer: '/dev/disk', CgroupPermissions: 'r' }
  expect(termsOf({}, { Devices: [device, other], DeviceCgroupRules: ['c 189:* rwm'] }).devices).toEqual({
    mappings: [
      { source: '/dev/fuse', target: '/dev/fuse', permissions: 'rwm' },
      { source: '/dev/sda', target: '/dev/disk', permissions: 'r' },
    ],
    rules: ['c 189:* rwm'],
  })
  expect(termsOf({}, {}).devices).toEqual({ mappings: [], rules: [] })
})
