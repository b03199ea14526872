import { describe, expect, it } from 'vitest'
import { codeOfThrown } from './thrown.test-support.ts'
import { tmpfsAttributes, tmpfsOptions } from './tmpfs.ts'

const mount = (options: readonly string[], more = {}) =>
  ({ kind: 'tmpfs', target: '/x', options, ...more }) as const

describe('a tmpfs', () => {
  it('must be nosuid, nodev, noexec, and have no mode of its own, unless told', () => {
    expect(tmpfsAttributes(mount([]))).toEqual(['nosuid', 'nodev', 'noexec'])
    expect(tmpfsOptions(mount([]))).toEqual([])
  })

  it('must take words in their order and explicit fields last', () => {
    expect(tmpfsAttributes(mount(['exec', 'suid', 'ro']))).toEqual(['nodev', 'ro'])
    expect(tmpfsOptions(mount(['size=64m', 'mode=0700', 'uid=33'], { size: 4096, mode: 0o755 }))).toEqual([
      'size=4096',
      'mode=755',
      'uid=33',
    ])
  })

  it.each([
    ...['huge=always,context=x', 'mpol=bind:0', 'source=/etc', 'size=1 2', ''],
    ...['uid=abc', 'gid=-1', 'size=much', 'mode=rwx', 'nr_inodes=1.5', 'huge=very', 'uid'],
  ])('must refuse %j', word => {
    expect(codeOfThrown(() => tmpfsOptions(mount([word])))).toBe('TMPFS_OPTION_INVALID')
  })
})
