// Snapshots of a project's data: what is in them, what becomes of who runs, what stands on what, and what a crash leaves.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerCreateRequest, SnapshotOutcome } from '../../../src/api/types/index.ts'
import { createNative, type Native } from '../../../src/native/index.ts'
import { program, requires } from '../../requires.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'

const lab = new EngineLab()

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(async () => {
  for (const { Project, Name } of await lab.engine.snapshots.list(undefined))
    await lab.engine.snapshots.remove(Project, Name)
  await lab.clear()
  expect(readdirSync(frozen())).toEqual([])
})
afterAll(() => lab.close())

const volumes = (...path: string[]): string => join(lab.folder, 'root/volumes', ...path)
const frozen = (): string => volumes('.frozen')
const PROJECT = 'com.docker.compose.project'

async function makeVolume(Name: string, project = 'shop', key = 'data'): Promise<void> {
  await lab.engine.volumes.create({
    Name,
    Labels: { [PROJECT]: project, 'com.docker.compose.volume': key },
  })
}

const service = (name: string, binds: readonly string[], project = 'shop'): ContainerCreateRequest => ({
  Labels: {
    [PROJECT]: project,
    'com.docker.compose.service': name,
    'com.docker.compose.container-number': '1',
  },
  Cmd: ['sh', '-c', 'trap exit TERM; sleep 1000 & wait'],
  HostConfig: { NetworkMode: 'none', Binds: [...binds] },
})

const save = (Name: string, Project = 'shop'): Promise<SnapshotOutcome> =>
  lab.engine.snapshots.save({ Project, Name })
const restore = (Name: string, To?: string): Promise<SnapshotOutcome> =>
  lab.engine.snapshots.restore({ Project: 'shop', Name, ...(To === undefined ? {} : { To }) })
/** More than is copied where the file system cannot clone; nothing of it is written. */
const enlarge = (name: string): void => {
  execFileSync('fallocate', ['-l', '300M', volumes(name, '_data/large')])
}
const removed = { force: true, volumes: true, link: false }

test('a small volume and what a container has written are copied, and nobody is stopped', async () => {
  await makeVolume('data')
  await lab.engine.volumes.create({ Name: 'others' })
  const id = await lab.run(
    'db',
    service('db', ['data:/data', 'others:/others', '/tmp:/host:ro', '/anonymous']),
  )
  await lab.exec(
    id,
    'echo one > /data/file; echo own > /etc/own; rm /etc/group; echo a > /anonymous/a; ln /data/file /data/link; truncate -s 64M /data/sparse',
  )
  const pid = await lab.pidOf(id)
  const { Snapshot, Left, Restarted } = await save('first')
  expect(Snapshot).toMatchObject({
    Project: 'shop',
    Name: 'first',
    Volumes: ['data', 'db/1:/anonymous'],
    Roots: ['db/1'],
  })
  // A hole takes no room.
  expect(Snapshot.Size).toBeLessThan(1 << 20)
  expect([await lab.pidOf(id), Restarted]).toEqual([pid, []])
  expect(Left).toEqual([
    { Kind: 'bind', Name: '/tmp' },
    { Kind: 'external', Name: 'others' },
  ])
  await lab.exec(
    id,
    'echo two > /data/file; echo new > /data/new; echo two > /etc/own; echo b > /anonymous/a; echo two > /others/file',
  )
  expect((await restore('first')).Restarted).toEqual(['db'])
  const { out } = await lab.exec(
    id,
    'cat /data/file /etc/own /anonymous/a /others/file; ls /data/new /etc/group 2>&1 | grep -c "No such"; stat -c "%h %s" /data/link /data/sparse; stat -c "%u:%g %a" /data',
  )
  expect(out).toBe('one\nown\na\ntwo\n2\n2 4\n1 67108864\n33:34 750\n')
  await expect(save('first')).rejects.toMatchObject({ code: 'SNAPSHOT_EXISTS' })
  await expect(save('../first')).rejects.toMatchObject({ code: 'SNAPSHOT_NAME' })
  await expect(save('x'.repeat(101))).rejects.toMatchObject({
    code: 'SNAPSHOT_NAME',
    diagnostics: [{ hint: expect.stringContaining('a hundred characters') }],
  })
  await expect(save('x', 'nobody')).rejects.toMatchObject({ code: 'SNAPSHOT_EMPTY' })
  await expect(restore('second')).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' })
})

test('a volume of very many small files is not copied, which would take as long as it does for large ones', async () => {
  await makeVolume('data')
  const id = await lab.run('db', service('db', ['data:/data']))
  await lab.exec(id, 'cd /data; i=0; while [ $i -lt 2100 ]; do : > $i; i=$((i+1)); done')
  expect((await save('many')).Restarted).toEqual(['db'])
})

test('a volume in memory keeps what is in it over the stop, and who does not start again is told, with the reason', async () => {
  await makeVolume('data')
  await lab.engine.volumes.create({
    Name: 'fast',
    Driver: 'local',
    DriverOpts: { type: 'tmpfs', device: 'tmpfs' },
    Labels: { [PROJECT]: 'shop', 'com.docker.compose.volume': 'fast' },
  })
  const bound = mkdtempSync(join(lab.folder, 'bound-'))
  const body = service('db', ['data:/data', 'fast:/fast'])
  const Mounts = [{ Type: 'bind', Source: bound, Target: '/bound' }] as const
  const id = await lab.run('db', { ...body, HostConfig: { ...body.HostConfig, Mounts: [...Mounts] } })
  await lab.exec(id, 'echo kept > /fast/file')
  enlarge('data')
  expect(await save('one')).toMatchObject({ Restarted: ['db'], Down: [] })
  expect(await lab.exec(id, 'cat /fast/file')).toMatchObject({ out: 'kept\n' })
  expect(await restore('one')).toMatchObject({ Restarted: ['db'], Down: [] })
  expect(await lab.exec(id, 'cat /fast/file')).toMatchObject({ out: 'kept\n' })
  rmSync(bound, { recursive: true })
  expect(await restore('one')).toMatchObject({
    Restarted: [],
    Down: [{ Name: 'db', Problem: expect.stringContaining(bound) }],
  })
})

test('devices 0/0, which an overlay takes for files that are gone, stay in a large volume, and come back', async () => {
  await makeVolume('data')
  const id = await lab.run('db', service('db', ['data:/data']))
  execFileSync('mknod', [volumes('data/_data/gone'), 'c', '0', '0'])
  enlarge('data')
  expect((await save('one')).Restarted).toEqual([])
  rmSync(volumes('data/_data/gone'))
  await restore('one')
  expect(await lab.exec(id, 'test -c /data/gone')).toMatchObject({ code: 0 })
})

test('what the host has mounted in a volume, or made immutable, holds nobody up, and stays until it can go', async () => {
  await makeVolume('data')
  const id = await lab.run('db', service('db', ['data:/data']))
  await lab.exec(id, 'echo one > /data/file; mkdir /data/m; echo fixed > /data/fixed')
  await save('one')
  execFileSync('mount', ['-t', 'tmpfs', 'tsc-test', volumes('data/_data/m')])
  writeFileSync(volumes('data/_data/m/theirs'), '')
  execFileSync('chattr', ['+i', volumes('data/_data/fixed')])
  await lab.exec(id, 'echo two > /data/file')
  await restore('one')
  expect((await lab.exec(id, 'cat /data/file; ls /data/m')).out).toBe('one\n')
  expect(lab.warnings.map(({ code }) => code)).toContain('REMOVAL_LATER')
  const [old = ''] = readdirSync(volumes('data')).filter(name => name.startsWith('old-'))
  expect(readdirSync(volumes('data', old, 'm'))).toEqual(['theirs'])
  await lab.exec(id, 'echo two > /data/file')
  await lab.reopen(createNative())
  await restore('one')
  execFileSync('umount', [volumes('data', old, 'm')])
  await save('two')
  expect(existsSync(volumes('data', old))).toBe(true)
  execFileSync('chattr', ['-i', volumes('data', old, 'fixed')])
  await restore('one')
  expect(readdirSync(volumes('data')).sort()).toEqual(['_data', 'record.json'])
  // Nothing has happened to a volume that is a place of somebody's mount itself.
  execFileSync('mount', ['--bind', volumes('data/_data'), volumes('data/_data')])
  await lab.exec(id, 'echo three > /data/file')
  await expect(restore('one')).rejects.toMatchObject({ code: 'SNAPSHOT_BLOCKED' })
  expect((await lab.exec(id, 'cat /data/file')).out).toBe('three\n')
  execFileSync('umount', ['-l', volumes('data/_data')])
  await restore('one')
  expect((await lab.exec(id, 'cat /data/file')).out).toBe('one\n')
})

describe('a volume that is too large to be copied', () => {
  test('goes on above what it was, and snapshots stand on each other until nobody needs them', async () => {
    await makeVolume('data')
    const id = await lab.run('db', service('db', ['data:/data']))
    await lab.exec(id, 'echo one > /data/file; mkdir /data/folder')
    enlarge('data')
    const { mtimeMs } = statSync(volumes('data/_data/large'))
    expect((await save('one')).Restarted).toEqual(['db'])
    // Folders that lie below are renamed as on a disk, and the volume is its own file system.
    await lab.exec(id, 'echo two > /data/file; mv /data/folder /data/moved && echo in > /data/moved/in')
    expect((await lab.engine.volumes.inspect('data')).Mountpoint).toBe(volumes('data/_data'))
    await save('two')
    await lab.exec(id, 'echo three > /data/file; rm /data/large; rm -r /data/moved')
    await restore('one')
    expect((await lab.exec(id, 'cat /data/file; ls /data; stat -c %s /data/large')).out).toBe(
      'one\nfile\nfolder\nlarge\n314572800\n',
    )
    expect(statSync(volumes('data/_data/large')).mtimeMs).toBe(mtimeMs)
    await save('three')
    await lab.engine.snapshots.remove('shop', 'one')
    await restore('two')
    expect((await lab.exec(id, 'cat /data/file /data/moved/in; stat -c "%a %u:%g" /data')).out).toBe(
      'two\nin\n750 33:34\n',
    )
    await lab.engine.containers.remove(id, removed)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(volumes('data'))
    await lab.engine.volumes.remove('data', { force: false })
    // Restored where nothing is left of the project.
    await restore('three')
    expect(
      (await lab.sh('cat /data/file', { HostConfig: { NetworkMode: 'none', Binds: ['data:/data'] } })).out,
    ).toBe('one\n')
    await lab.engine.snapshots.remove('shop', 'three')
    await lab.engine.snapshots.remove('shop', 'two')
    expect(readdirSync(frozen()).length).toBe(2)
    await lab.engine.volumes.remove('data', { force: false })
  })

  test('has who was paused stand still behind it, as a restore has', async () => {
    await makeVolume('data')
    await makeVolume('small', 'shop', 'small')
    enlarge('data')
    const ids = [
      await lab.run('db', service('db', ['data:/data'])),
      await lab.run('web', service('web', ['small:/data'])),
    ]
    const arePaused = async (): Promise<boolean[]> => {
      const found = await Promise.all(ids.map(id => lab.engine.containers.inspect(id, { size: false })))
      return found.map(({ State }) => State.Paused)
    }
    for (const id of ids) await lab.engine.containers.pause(id)
    expect((await save('one')).Restarted).toEqual(['db'])
    expect(await arePaused()).toEqual([true, true])
    expect((await restore('one')).Restarted).toEqual(['web', 'db'])
    expect(await arePaused()).toEqual([true, true])
    await lab.engine.containers.unpause(ids[0] ?? '')
    await restore('one')
    expect(await arePaused()).toEqual([false, true])
  })

  test('is not taken from under a container of another project', async () => {
    await makeVolume('data')
    enlarge('data')
    const other = await lab.run('other', service('web', ['data:/data'], 'blog'))
    const pid = await lab.pidOf(other)
    await expect(save('one')).rejects.toMatchObject({ code: 'SNAPSHOT_SHARED' })
    expect(await lab.pidOf(other)).toBe(pid)
    expect(await lab.engine.snapshots.list('shop')).toEqual([])
    await lab.engine.containers.remove(other, removed)
  })

  test('is put into another project, while the one that it is of goes on', async () => {
    await makeVolume('data')
    await makeVolume('copy', 'clone')
    const id = await lab.run('db', service('db', ['data:/data']))
    await lab.exec(id, 'echo one > /data/file')
    enlarge('data')
    await save('one')
    const pid = await lab.pidOf(id)
    expect((await restore('one', 'clone')).Left).toEqual([{ Kind: 'missing', Name: 'db/1' }])
    const copy = await lab.run('copy', service('db', ['copy:/data'], 'clone'))
    await lab.exec(copy, 'echo clone > /data/file')
    expect((await lab.exec(id, 'cat /data/file')).out).toBe('one\n')
    expect(await lab.pidOf(id)).toBe(pid)
    const usage = (await lab.engine.system.diskUsage(['volume'])).Volumes
    // What it has in common with a snapshot is not its own.
    expect(usage?.map(({ Name, UsageData }) => [Name, UsageData?.Size]).sort()).toEqual([
      ['copy', 6],
      ['data', 0],
    ])
  })
})

describe('an engine that is killed', () => {
  /** Stops for good at the first copy. */
  const stuck = (): { readonly native: Native; readonly reached: Promise<void> } => {
    const native = createNative()
    let reach = (): void => undefined
    const reached = new Promise<void>(resolve => {
      reach = resolve
    })
    const run: Native['run'] = program =>
      program.outside?.some(({ op }) => op === 'copyTree') === true
        ? new Promise(() => reach())
        : native.run(program)
    return { native: { ...native, run }, reached }
  }

  test('over a save leaves no snapshot, and everybody runs', async () => {
    await makeVolume('data')
    await makeVolume('bulk', 'shop', 'bulk')
    enlarge('bulk')
    const small = await lab.run('small', service('small', ['data:/data']))
    const large = await lab.run('large', service('large', ['bulk:/data']))
    const { native, reached } = stuck()
    await lab.reopen(native)
    void save('one')
    await reached
    // One is frozen, the other was stopped.
    expect((await lab.engine.containers.inspect(small, { size: false })).State.Paused).toBe(true)
    expect(await lab.pidOf(large)).toBe(0)
    await lab.reopen(createNative())
    await eventually('it runs again', async () => (await lab.pidOf(large)) > 0)
    expect((await lab.engine.containers.inspect(small, { size: false })).State.Paused).toBe(false)
    expect(await lab.engine.snapshots.list('shop')).toEqual([])
    await save('one')
    expect((await lab.exec(large, 'ls /data')).out).toBe('large\n')
  })

  test('over a restore leaves what was there', async () => {
    await makeVolume('data')
    const id = await lab.run('db', service('db', ['data:/data']))
    await lab.exec(id, 'echo one > /data/file')
    await save('one')
    await lab.exec(id, 'echo two > /data/file')
    const { native, reached } = stuck()
    await lab.reopen(native)
    void restore('one')
    await reached
    await lab.reopen(createNative())
    expect((await lab.exec(id, 'cat /data/file')).out).toBe('two\n')
    await restore('one')
    expect((await lab.exec(id, 'cat /data/file')).out).toBe('one\n')
    expect(readdirSync(volumes('data')).sort()).toEqual(['_data', 'record.json'])
  })
})

requires(program('mkfs.xfs')).describe('where the file system can clone', () => {
  let disk: string
  const own = new EngineLab()

  beforeAll(async () => {
    disk = mkdtempSync('/var/tmp/tsce-disk-')
    const image = join(disk, 'image')
    writeFileSync(image, '')
    execFileSync('truncate', ['-s', '400M', image])
    execFileSync('mkfs.xfs', ['-q', image])
    mkdirSync(join(own.folder, 'root/volumes'), { recursive: true })
    execFileSync('mount', ['-o', 'loop', image, join(own.folder, 'root/volumes')])
    await own.open()
    await own.buildImage()
  })
  afterAll(async () => {
    await own.clear()
    execFileSync('umount', ['-l', join(own.folder, 'root/volumes')])
    await own.close()
    rmSync(disk, { recursive: true })
  })

  test('a large volume is copied without taking room, and nobody is stopped', async () => {
    await own.engine.volumes.create({
      Name: 'data',
      Labels: { [PROJECT]: 'shop', 'com.docker.compose.volume': 'data' },
    })
    const id = await own.run('db', service('db', ['data:/data']))
    await own.exec(id, 'dd if=/dev/zero of=/data/large bs=1M count=280 && echo one > /data/file')
    const pid = await own.pidOf(id)
    expect((await own.engine.snapshots.save({ Project: 'shop', Name: 'one' })).Restarted).toEqual([])
    expect(await own.pidOf(id)).toBe(pid)
    await own.exec(id, 'echo two > /data/file')
    await own.engine.snapshots.restore({ Project: 'shop', Name: 'one' })
    expect(
      (await own.exec(id, 'cat /data/file; stat -c %s /data/large; grep -c overlay.*/data /proc/mounts')).out,
    ).toBe('one\n293601280\n0\n')
    await own.engine.snapshots.remove('shop', 'one')
    expect(existsSync(join(own.folder, 'root/volumes/.frozen'))).toBe(true)
  })
})
