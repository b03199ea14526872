import { describe, expect, it } from 'vitest'
import { codeOfThrown } from '../runtime/thrown.test-support.ts'
import { defaultEnvironment } from './environment.ts'
import { resolveUser } from './user.ts'

const database = {
  passwd: [
    'root:x:0:0:root:/root:/bin/sh',
    'www-data:x:33:33::/var/www:/usr/sbin/nologin',
    '1000:x:0:0:a trap:/root:/bin/sh',
    'broken line',
    'big:x:4294967295:0::/:/bin/sh',
    'odd:x:7:7::relative:/bin/sh\r',
  ].join('\n'),
  group: ['root:x:0:', 'www-data:x:33:', 'video:x:44:www-data,other', 'docker:x:999:www-data', 'bad'].join(
    '\n',
  ),
}

describe('a user specification', () => {
  it.each([
    ['', { uid: 0, gid: 0, groups: [0], home: '/root', name: 'root' }],
    ['root', { uid: 0, gid: 0, groups: [0], home: '/root', name: 'root' }],
    ['www-data', { uid: 33, gid: 33, groups: [33, 44, 999], home: '/var/www', name: 'www-data' }],
    ['33', { uid: 33, gid: 33, groups: [33, 44, 999], home: '/var/www', name: 'www-data' }],
    ['33:44', { uid: 33, gid: 44, groups: [44], home: '/var/www', name: 'www-data' }],
    ['www-data:video', { uid: 33, gid: 44, groups: [44], home: '/var/www', name: 'www-data' }],
    ['4711', { uid: 4711, gid: 0, groups: [0], home: '/' }],
    [':33', { uid: 0, gid: 33, groups: [33], home: '/root', name: 'root' }],
    ['odd', { uid: 7, gid: 7, groups: [7], home: '/', name: 'odd' }],
  ])('%j is resolved', (specification, wanted) => {
    expect(resolveUser(specification, database)).toEqual(wanted)
  })

  it('must be the id when it is a number, whatever the image names so', () => {
    expect(resolveUser('1000', database)).toMatchObject({ uid: 1000, gid: 0 })
  })

  it('must add groups by name and by id, once', () => {
    expect(resolveUser('www-data', database, ['video', '5', '33']).groups).toEqual([33, 44, 999, 5])
  })

  it.each([
    ['nobody', 'USER_UNKNOWN'],
    ['root:nogroup', 'GROUP_UNKNOWN'],
    ['-1', 'USER_INVALID'],
    ['4294967295', 'USER_INVALID'],
    ['2147483648', 'USER_INVALID'],
    ['00', 'USER_INVALID'],
    ['0x0', 'USER_INVALID'],
    ['0:0\n', 'USER_INVALID'],
    ['0:', 'USER_INVALID'],
    ['a:b:c', 'USER_INVALID'],
    ['0:-1', 'USER_INVALID'],
    ['big', 'USER_UNKNOWN'],
  ])('%j is refused with %s', (specification, code) => {
    expect(codeOfThrown(() => resolveUser(specification, database))).toBe(code)
  })

  it('must work for images without the files', () => {
    expect(resolveUser('12:34', { passwd: '', group: '' })).toEqual({
      uid: 12,
      gid: 34,
      groups: [34],
      home: '/',
    })
  })
})

describe('the environment of a process', () => {
  it("must have Docker's names, and the later value of each", () => {
    const env = defaultEnvironment({
      hostname: 'abc',
      home: '/root',
      tty: true,
      env: ['A=1', 'PATH=/x', 'A=2', 'NOVALUE'],
    })
    expect(env).toEqual(['PATH=/x', 'HOSTNAME=abc', 'TERM=xterm', 'A=2', 'HOME=/root'])
  })

  it('must keep a HOME that is given', () => {
    expect(defaultEnvironment({ hostname: 'h', home: '/root', tty: false, env: ['HOME=/tmp'] })).toContain(
      'HOME=/tmp',
    )
  })
})
