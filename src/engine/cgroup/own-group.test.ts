import { describe, expect, test } from 'vitest'
import { MemoryCgroups } from './memory-filesystem.test-support.ts'
import { openCgroups, openOwnGroup } from './open.ts'

const ROOT = '/sys/fs/cgroup'
const HYBRID = `31 23 0:28 / ${ROOT} rw - tmpfs tmpfs rw
35 31 0:32 / ${ROOT}/pids rw,relatime - cgroup cgroup rw,pids
37 31 0:34 / ${ROOT}/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
38 31 0:35 / ${ROOT}/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate`
const GROUPS = [`${ROOT}/systemd/tscompose-abc123/engine`, `${ROOT}/unified/tscompose-abc123/engine`]

function machine() {
  const files = new MemoryCgroups(() => ({ 'cgroup.procs': '', 'pids.max': '' }))
  for (const name of ['pids', 'systemd', 'unified']) files.add(`${ROOT}/${name}`)
  files.add(`${ROOT}/unified/session`)
  files.texts.set('/proc/self/cgroup', '5:pids:/\n3:name=systemd:/session\n0::/session\n')
  const options = { engineId: 'abc123', mountinfo: HYBRID, files }
  return { files, group: openOwnGroup(options), containers: openCgroups(options) }
}
const SPAWNER = 4711
const entered = (groups: readonly string[], pid: number = process.pid): string[] =>
  groups.map(each => `${each}/cgroup.procs ${pid}`)
const spawner = async (): Promise<number> => SPAWNER

describe('the engine’s own group', () => {
  test('is entered once, where service managers look, and in no other hierarchy', async () => {
    const { files, group, containers } = machine()
    expect(await Promise.all([group.enter(spawner), group.enter(spawner)])).toEqual([[], []])
    expect(files.aside).toEqual([...entered(GROUPS), ...entered(GROUPS, SPAWNER)])
    expect(containers.list()).toEqual([])
  })

  test('stands beside those of containers, and both go with the engine', async () => {
    const { files, group, containers } = machine()
    await group.enter(spawner)
    containers.ensure('c'.repeat(64), {})
    await containers.remove('c'.repeat(64))
    expect(GROUPS.every(each => files.directories.has(each))).toBe(true)
    await group.leave()
    expect(files.aside.slice(-2)).toEqual(entered([`${ROOT}/systemd`, `${ROOT}/unified`]))
    containers.close()
    expect([...files.directories].filter(each => each.includes('tscompose'))).toEqual([])
  })

  test('is left for where the engine was when the root takes no process', async () => {
    const { files, group } = machine()
    await group.enter(spawner)
    files.refusals.set(`${ROOT}/unified/cgroup.procs`, 'EBUSY')
    await group.leave()
    expect(files.aside.at(-1)).toBe(`${ROOT}/unified/session/cgroup.procs ${process.pid}`)
  })

  test('is entered where the spawner cannot be started, which whoever asks it is told', async () => {
    const { files, group } = machine()
    expect(await group.enter(() => Promise.reject(new Error('no binary')))).toEqual([])
    expect(files.aside).toEqual(entered(GROUPS))
  })

  test('that cannot be made is told, and leaves nothing', async () => {
    const { files, group } = machine()
    files.refusals.set(`${ROOT}/systemd/tscompose-abc123`, 'EROFS')
    files.refusals.set(`${GROUPS[1]}/cgroup.procs`, 'EACCES')
    expect(await group.enter(spawner)).toEqual([
      `${GROUPS[0]} cannot be entered (EROFS)`,
      `${GROUPS[1]} cannot be entered (EACCES)`,
    ])
    await group.leave()
    expect([...files.directories].filter(each => each.includes('tscompose'))).toEqual([])
  })
})
