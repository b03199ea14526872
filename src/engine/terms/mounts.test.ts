import { expect, test } from 'vitest'
import { termsOf } from './index.ts'
import { mergeByDestination } from './mounts.ts'
import { codeOf, refusals } from './refusals.test-support.ts'

test('mounts of every form', () => {
  const { own: requests } = termsOf(
    { Volumes: { '/anon': {}, '/data': {} } },
    {
      Binds: ['/host/a:/a:ro,rslave', 'vol:/data:nocopy'],
      Mounts: [
        { Type: 'bind', Source: '/b', Target: '/b' },
        { Type: 'volume', Source: 'v2', Target: '/v2/', VolumeOptions: { Subpath: 'x/y' } },
        { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 5, Mode: 0o700 } },
      ],
      Tmpfs: { '/run': 'size=64m,mode=755,exec' },
    },
  ).mounts
  expect(requests.map(({ type, source, destination }) => [type, source, destination])).toEqual([
    ['bind', '/host/a', '/a'],
    ['volume', 'vol', '/data'],
    ['bind', '/b', '/b'],
    ['volume', 'v2', '/v2'],
    ['tmpfs', '', '/t'],
    ['tmpfs', '', '/run'],
    ['volume', '', '/anon'],
  ])
  expect(requests[0]).toMatchObject({ readonly: true, propagation: 'rslave', createSource: true })
  expect(requests[2]).toMatchObject({ createSource: false })
  expect(requests[5]?.tmpfs).toEqual({ size: 64 << 20, mode: 0o755, options: ['exec'] })
})

test.each([
  ['ro,rw', false, { options: [] }],
  ['rw,noatime,ro', true, { options: ['noatime'] }],
  ['size=1m,size=50%', false, { options: ['size=50%'] }],
  ['size=1m,size=2m,mode=700,mode=755', false, { size: 2 << 20, mode: 0o755, options: [] }],
])('of the words of a tmpfs the last counts: %s', (text, readonly, tmpfs) => {
  const { own } = termsOf({}, { Tmpfs: { '/t': text } }).mounts
  expect(own).toMatchObject([{ readonly, tmpfs }])
})

test('a tmpfs of the mode 0 has none of its own', () => {
  const mount = { Type: 'tmpfs' as const, Target: '/t', TmpfsOptions: { Mode: 0 } }
  expect(termsOf({}, { Mounts: [mount] }).mounts.own[0]?.tmpfs).toEqual({})
})

test.each([
  [{ Binds: ['/a:b'] }],
  [{ Binds: ['/a:/b:ro:x'] }],
  [{ Binds: ['/a:/'] }],
  [{ Mounts: [{ Type: 'bind' as const, Source: 'relative', Target: '/x' }] }],
  [{ Mounts: [{ Type: 'volume' as const, Source: 'v2', Target: '/x', VolumeOptions: { Subpath: '../y' } }] }],
  [{ Mounts: [{ Type: 'npipe' as const, Target: '/x' }] }],
  [{ Mounts: [{ Type: 'image' as const, Target: '/x' }] }],
  [{ Mounts: [{ Type: 'tmpfs' as const, Source: 'a', Target: '/x' }] }],
  [{ Tmpfs: { '/x': 'mode=9' } }],
  [{ VolumesFrom: ['db:rx'] }],
])('mounts %j are refused', host => {
  expect(codeOf(() => termsOf({}, host).mounts)).toBe('MOUNT_INVALID')
  expect(refusals({}, host)).toEqual([`MOUNT_INVALID ${'Tmpfs' in host ? 'HostConfig.Tmpfs' : 'Mounts'}`])
})

test('two mounts on one target are refused, one from elsewhere gives way', () => {
  const mount = { type: 'tmpfs' as const, source: '', destination: '/x', readonly: false, mode: '' }
  expect(() => mergeByDestination([mount, mount])).toThrow(
    expect.objectContaining({ code: 'MOUNT_DUPLICATE' }),
  )
  expect(mergeByDestination([{ ...mount, weak: true, mode: 'weak' }, mount])).toEqual([mount])
})

test('mounts of others are read-only where that is said', () => {
  expect(termsOf({}, { VolumesFrom: ['db', 'web:ro', 'app:rw'] }).mounts.inherited).toEqual([
    { reference: 'db', readonly: false },
    { reference: 'web', readonly: true },
    { reference: 'app', readonly: false },
  ])
})

test('a volume driver that is not here is refused', () => {
  expect(refusals({}, { VolumeDriver: 'nfs' })).toEqual(['VOLUME_DRIVER HostConfig.VolumeDriver'])
  expect(refusals({}, { VolumeDriver: 'local' })).toEqual([])
})
