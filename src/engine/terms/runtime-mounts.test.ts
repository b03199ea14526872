import { expect, test } from 'vitest'
import type { HostConfig } from '../../api/types/index.ts'
import { termsOf } from './index.ts'
import { propagationOf, runtimeMount } from './runtime-mounts.ts'

const mountsOf = (host: HostConfig) =>
  termsOf({}, host).mounts.own.map(mount => runtimeMount(mount, ['/layer']))

test('a bind', () => {
  expect(mountsOf({ Binds: ['/host:/a:ro,rslave'] })).toEqual([
    {
      kind: 'bind',
      source: '/host',
      target: '/a',
      readonly: true,
      recursive: true,
      propagation: 'slave',
    },
  ])
  const BindOptions = { NonRecursive: true, ReadOnlyNonRecursive: true }
  expect(mountsOf({ Mounts: [{ Type: 'bind', Source: '/host', Target: '/a', BindOptions }] })).toMatchObject([
    { recursive: false, writableBelow: true, propagation: 'private' },
  ])
})

test('a part of a volume', () => {
  const mount = { Type: 'volume', Source: 'data', Target: '/a', VolumeOptions: { Subpath: 'b/c' } } as const
  expect(mountsOf({ Mounts: [mount] })).toMatchObject([{ kind: 'volume', target: '/a', subpath: 'b/c' }])
})

test('a tmpfs', () => {
  expect(mountsOf({ Tmpfs: { '/run': 'size=1m,mode=700,exec,ro' } })).toEqual([
    { kind: 'tmpfs', target: '/run', readonly: true, size: 1 << 20, mode: 0o700, options: ['exec'] },
  ])
})

test('an image', () => {
  const mount = { Type: 'image', Source: 'app', Target: '/a', ImageOptions: { Subpath: 'etc' } } as const
  expect(mountsOf({ Mounts: [mount] })).toEqual([
    { kind: 'image', target: '/a', layers: ['/layer'], subpath: 'etc' },
  ])
})

test.each([
  [undefined, 'private'],
  ['rprivate', 'private'],
  ['slave', 'slave'],
  ['rslave', 'slave'],
  ['rshared', 'shared'],
] as const)('%s is %s', (propagation, expected) => {
  expect(propagationOf({ ...(propagation === undefined ? {} : { propagation }) })).toBe(expected)
})
