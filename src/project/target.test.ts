import { expect, test } from 'vitest'
import { callerOf } from './target.ts'

const user = (uid: number, gid: number) => ({ getuid: () => uid, getgid: () => gid })

test('who runs a command is the user of the process, and under sudo who called that', () => {
  const sudo = { SUDO_UID: '1000', SUDO_GID: '1001' }
  expect(callerOf({}, user(0, 0))).toEqual({ uid: 0, gid: 0 })
  expect(callerOf(sudo, user(0, 0))).toEqual({ uid: 1000, gid: 1001 })
  expect(callerOf(sudo, user(7, 8))).toEqual({ uid: 7, gid: 8 })
  for (const broken of [
    { SUDO_UID: '1000' },
    { SUDO_UID: '', SUDO_GID: '' },
    { SUDO_UID: '-1', SUDO_GID: 'x' },
  ])
    expect(callerOf(broken, user(0, 0))).toEqual({ uid: 0, gid: 0 })
})
