// Volumes that are file systems of their own: mounted with the first container, unmounted after the last.
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'

const lab = new EngineLab()

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

const TMPFS = { type: 'tmpfs', device: 'tmpfs', o: 'size=16m,uid=1000,nosuid,noexec' }
const USED = { HostConfig: { NetworkMode: 'none', Binds: ['ram:/data'] } }
const dataOf = (name: string): string => join(lab.folder, 'root/volumes', name, '_data')
const mounts = (name = 'ram'): number =>
  readFileSync('/proc/self/mountinfo', 'utf8').split(` ${dataOf(name)} `).length - 1
const remove = (id: string): Promise<void> =>
  lab.engine.containers.remove(id, { force: true, volumes: false, link: false })

test('two containers share a tmpfs with its options, and after the last it is new', async () => {
  await lab.engine.volumes.create({ Name: 'ram', DriverOpts: TMPFS })
  expect(mounts()).toBe(0)
  const first = await lab.run('first', USED)
  const second = await lab.run('second', USED)
  expect(mounts()).toBe(1)
  expect((await lab.exec(first, 'ls /data; stat -c %u:%a /data; grep " /data " /proc/mounts')).out).toMatch(
    /^1000:1777\ntmpfs \/data tmpfs rw,nosuid,noexec,.*size=16384k,uid=1000/,
  )
  await lab.exec(first, 'echo kept > /data/file')
  await remove(first)
  expect((await lab.exec(second, 'cat /data/file')).out).toBe('kept\n')
  expect((await lab.sh('cat /data/file', USED)).out).toBe('kept\n')
  await remove(second)
  expect(mounts()).toBe(0)
  expect((await lab.sh('ls /data; grep -c " /data tmpfs " /proc/mounts', USED)).out).toBe('1\n')
  expect(mounts()).toBe(0)
  await lab.engine.volumes.remove('ram', { force: false })
  expect(() => statSync(dataOf('ram'))).toThrow('ENOENT')
})

test('many at once mount it once, and the last unmounts it', async () => {
  await lab.engine.volumes.create({ Name: 'ram', DriverOpts: TMPFS })
  const keeper = await lab.run('keeper', USED)
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      expect((await lab.sh(`echo ${index} >> /data/all`, USED)).code).toBe(0)
    }),
  )
  expect(mounts()).toBe(1)
  expect((await lab.exec(keeper, 'wc -l < /data/all')).out).toBe('10\n')
  await remove(keeper)
  expect(mounts()).toBe(0)
})

test('the next engine uses what is mounted, and unmounts what nobody uses', async () => {
  await lab.engine.volumes.create({ Name: 'ram', DriverOpts: TMPFS })
  await lab.engine.volumes.create({ Name: 'left', DriverOpts: TMPFS })
  const id = await lab.run('web', USED)
  await lab.exec(id, 'echo kept > /data/file')
  await lab.engine.close()
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', dataOf('left')])
  await lab.reopen()
  await eventually('the unused mount is gone', () => mounts('left') === 0)
  expect((await lab.sh('cat /data/file', USED)).out).toBe('kept\n')
  expect(mounts()).toBe(1)
  await remove(id)
  expect(mounts()).toBe(0)
})

test.each([
  [
    'an option that the file system has not',
    { ...TMPFS, o: 'size=bad,ro' },
    /, flags: 0x1, data: size=bad: /,
  ],
  ['a type that the kernel has not', { type: 'nosuchfs', device: 'x' }, /nosuchfs of x: no such device$/],
  ['a device that there is not', { type: 'ext4', device: '/nosuch/x' }, /: no such file or directory$/],
  [
    'a server without an answer',
    { type: 'nfs', device: ':/x', o: 'addr=127.0.0.1,soft' },
    /data: addr=127.0.0.1,soft: /,
  ],
])('%s fails the start, by the words of mount', async (_, DriverOpts, summary) => {
  await lab.engine.volumes.create({ Name: 'ram', DriverOpts })
  const { Id } = await lab.engine.containers.create({ Image: 'bb', ...USED }, { name: 'web' })
  const start = lab.engine.containers.start(Id, {})
  await expect(start).rejects.toMatchObject({ code: 'VOLUME_MOUNT', message: expect.stringMatching(summary) })
  expect((await lab.engine.containers.inspect(Id, { size: false })).State).toMatchObject({
    Status: 'created',
    ExitCode: 128,
  })
  expect(mounts()).toBe(0)
})

test('a server whose name nobody knows fails the start', async () => {
  await lab.engine.volumes.create({
    Name: 'ram',
    DriverOpts: { type: 'nfs', device: ':/x', o: 'soft,addr=nosuch.invalid' },
  })
  await expect(lab.run('web', USED)).rejects.toMatchObject({ code: 'VOLUME_ADDRESS' })
})
