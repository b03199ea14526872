import { describe, expect, test } from 'vitest'
import { parseMountinfo } from '../../linux/mountinfo.ts'
import type { RuntimeSpec } from '../runtime/index.ts'
import type { HostPlace } from './mount-claims.ts'
import { compareMounts, type MountFinding } from './mount-table.ts'
import { mountedOf } from './mounts.test-support.ts'
import { wantedMounts } from './wanted-mounts.ts'

const SPEC: Partial<RuntimeSpec> = {
  mounts: [
    { kind: 'bind', source: '/srv/app', target: '/app' },
    { kind: 'volume', source: '/v/data', target: '/var/lib/data', readonly: true },
    { kind: 'tmpfs', target: '/tmp', size: 1 << 20 },
  ],
  security: { maskedPaths: ['/proc/kcore', '/sys/firmware'], readonlyPaths: ['/proc/sys'] },
}

/** The table of such a container: id, parent, root, place, options, type, source and options of the file system. */
const TABLE = [
  '1 0 0:50 / / rw - overlay overlay rw',
  '2 1 0:51 / /proc rw,nosuid,nodev,noexec - proc proc rw',
  '3 1 0:52 / /sys ro,nosuid,nodev,noexec - sysfs sysfs rw',
  '4 3 0:30 / /sys/fs/cgroup ro,nosuid,nodev,noexec - cgroup2 cgroup2 rw',
  '5 1 0:53 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k',
  '6 5 0:54 / /dev/pts rw,nosuid,noexec - devpts devpts rw',
  '7 5 0:55 / /dev/shm rw,nosuid,nodev,noexec - tmpfs tmpfs rw,size=65536k',
  '8 5 0:56 / /dev/mqueue rw,nosuid,nodev,noexec - mqueue mqueue rw',
  '9 1 8:1 /c/hosts /etc/hosts rw - ext4 /dev/sda rw',
  '10 1 8:1 /srv/app /app rw - ext4 /dev/sda rw',
  '11 1 0:57 / /tmp rw,nosuid,nodev,noexec - tmpfs tmpfs rw,size=1024k',
  '12 1 8:1 /v/data /var/lib/data ro - ext4 /dev/sda rw',
  '13 2 0:51 /sys /proc/sys ro,nosuid,nodev,noexec - proc proc rw',
  '14 2 0:53 /null /proc/kcore ro,nosuid,noexec - tmpfs tmpfs rw',
  '15 3 0:58 / /sys/firmware ro,nosuid,nodev,noexec - tmpfs tmpfs ro',
]

function place(source: string): HostPlace {
  return { device: '8:1', root: source, isReadonly: false }
}

function found(
  lines: readonly string[],
  placeOf = (source: string): HostPlace | undefined => place(source),
): MountFinding[] {
  const wanted = wantedMounts(mountedOf(SPEC))
  return compareMounts(wanted, parseMountinfo(lines.join('\n')), { placeOf, kernelPath: path => path })
}

const without = (id: number): string[] => TABLE.filter(line => !line.startsWith(`${id} `))
const changed = (from: string, to: string): string[] => TABLE.map(line => line.replace(from, to))
const told = (lines: readonly string[]): unknown[] =>
  found(lines).map(({ target, aspect, fix }) => [target, aspect, fix.kind])

describe('the mounts of a container', () => {
  test('as they were made are none of our business', () => {
    expect(found(TABLE)).toEqual([])
  })

  test.each([
    ['a bind', 10, '/app'],
    ['a volume', 12, '/var/lib/data'],
    ['a tmpfs', 11, '/tmp'],
    ['a file of the engine', 9, '/etc/hosts'],
    ['a mask over a file', 14, '/proc/kcore'],
    ['a mask over a folder', 15, '/sys/firmware'],
    ['a read-only part of /proc', 13, '/proc/sys'],
    ['the queue of messages', 8, '/dev/mqueue'],
  ])('%s that is gone is put back', (_what, id, target) => {
    expect(told(without(id))).toEqual([[target, 'mount', 'put']])
  })

  test('one that several lie over is uncovered of all of them, the topmost first', () => {
    const layers = ['20 10 0:60 / /app rw - tmpfs a rw', '21 20 0:61 / /app rw - tmpfs b rw']
    expect(found([...TABLE, ...layers])).toMatchObject([
      { target: '/app', fix: { kind: 'uncover', covers: [{ id: 21 }, { id: 20 }] } },
    ])
  })

  test.each([
    ['read-only that was not', '/app rw', '/app ro', '/app'],
    ['writable that was not', '/var/lib/data ro', '/var/lib/data rw', '/var/lib/data'],
    ['with programs that were refused', '/tmp rw,nosuid,nodev,noexec', '/tmp rw,nosuid,nodev', '/tmp'],
    ['of a mask that can be written', '/proc/kcore ro', '/proc/kcore rw', '/proc/kcore'],
    ['of a root that was made read-only', '/ / rw', '/ / ro', '/'],
  ])('a mount %s gets its options back', (_what, from, to, target) => {
    expect(told(changed(from, to))).toEqual([[target, 'options', 'change']])
  })

  test('a tmpfs of another size gets its own back', () => {
    expect(found(changed('size=1024k', 'size=2048k'))).toMatchObject([
      { target: '/tmp', aspect: 'size', want: '1024k', got: '2048k', fix: { options: ['size=1048576'] } },
    ])
  })

  test('what lies over a mount, or around it, is taken away', () => {
    expect(told([...TABLE, '20 10 0:60 / /app rw - tmpfs none rw'])).toEqual([['/app', 'mount', 'uncover']])
    expect(found([...TABLE, '20 1 0:60 / /var rw - tmpfs none rw'])).toMatchObject([
      { target: '/var/lib/data', fix: { kind: 'uncover', covers: [{ mountpoint: '/var' }] } },
    ])
  })

  test('other mounts may be there that hide nothing', () => {
    expect(found([...TABLE, '20 1 0:60 / /mnt rw - tmpfs none rw'])).toEqual([])
  })

  test('a source that was removed, and is there again, takes its place', () => {
    expect(found(changed('/srv/app /app', '/srv/app//deleted /app'))).toMatchObject([
      { target: '/app', isRemoved: true, fix: { kind: 'put', over: { mountpoint: '/app' } } },
    ])
  })

  test.each([
    ['removed', '/null//deleted'],
    ['renamed', '/other'],
    ['renamed and removed', '/other//deleted'],
  ])('a mask masks though the device it is of was %s', (_what, root) => {
    expect(found(changed('/null /proc/kcore', `${root} /proc/kcore`))).toEqual([])
  })

  test('no mask is what another file, or a tmpfs that can be written, lies there as', () => {
    for (const other of [
      '14 2 8:1 /c/hosts /proc/kcore ro - ext4 /dev/sda rw',
      '14 2 0:60 / /proc/kcore rw - tmpfs tmpfs rw',
    ])
      expect(found([...without(14), other])).toMatchObject([
        { target: '/proc/kcore', fix: { kind: 'put', over: { id: 14 } } },
      ])
  })

  test('a mask over what was there instead of it is all that counts', () => {
    const other = '20 2 8:1 /c/hosts /proc/kcore ro - ext4 /dev/sda rw'
    const over = '21 20 0:53 /null /proc/kcore ro,nosuid,noexec - tmpfs tmpfs rw'
    expect(found([...without(14), other, over])).toEqual([])
  })

  test('a link may lead a mount elsewhere', () => {
    expect(found(changed('/srv/app /app', '/srv/app /links/app'))).toEqual([])
  })

  test('a source that the host has read-only is so inside', () => {
    const wanted = wantedMounts(mountedOf(SPEC))
    const entries = parseMountinfo(changed('/app rw', '/app ro').join('\n'))
    const placeOf = (source: string): HostPlace => ({ ...place(source), isReadonly: true })
    expect(compareMounts(wanted, entries, { placeOf, kernelPath: path => path })).toEqual([])
  })

  test('a mask is not missed where the kernel has nothing to hide', () => {
    const wanted = wantedMounts(mountedOf(SPEC))
    const entries = parseMountinfo(without(14).join('\n'))
    expect(compareMounts(wanted, entries, { placeOf: place, kernelPath: () => undefined })).toEqual([])
  })
})
