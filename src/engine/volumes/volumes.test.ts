// Volumes: how they come to be, what they are filled with, who keeps them, and what is made of records that are lost.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ContainerCreateRequest, Mount } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { openImageStore } from '../../image/index.ts'
import type { NativeScript, OutsideOp, PackItem, Program } from '../../native/index.ts'
import type { Engine } from '../index.ts'
import { SimulatedMachine } from '../machine.test-support.ts'
import { VolumeTable } from '../state/volume-table.ts'

let machine: SimulatedMachine
let engine: Engine
let warnings: string[]
let copies: number
/** Called within a copy, when half of it is made. */
let inCopy: (target: string) => void

async function open(script: NativeScript = {}): Promise<void> {
  ;({ engine, warnings } = await machine.open({ run: copyTrees, pack: listTree, ...script }))
}

beforeEach(async () => {
  copies = 0
  inCopy = () => undefined
  machine = await new SimulatedMachine().prepare()
  await storeImage()
  await open()
})
afterEach(() => machine.end())

/** The image `full:1`: in two layers it has /data/{low,both,high} and /data/sub/deep. */
async function storeImage(): Promise<void> {
  const store = await openImageStore({ root: machine.path('root/images') })
  const layers: string[] = []
  const contents = [
    { 'data/low': 'low', 'data/both': 'low', 'data/sub/deep': 'low' },
    { 'data/high': 'high', 'data/both': 'high' },
  ]
  for (const content of contents) {
    const lease = await store.lease()
    const draft = await lease.draft()
    for (const [path, text] of Object.entries(content)) {
      mkdirSync(dirname(join(draft.upper, path)), { recursive: true })
      writeFileSync(join(draft.upper, path), text)
    }
    layers.push((await draft.commit())?.diffId ?? '')
    await lease.end()
  }
  await store.addImage(
    {
      architecture: 'amd64',
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config: { Cmd: ['serve'] },
      rootfs: { type: 'layers', diff_ids: layers },
      history: [],
    },
    ['full:1'],
  )
}

/** Where the slots of a program lead: of an overlay to all its layers, top first. */
function slotsOf(outside: readonly OutsideOp[]): Map<number, readonly string[]> {
  const slots = new Map<number, readonly string[]>()
  for (const op of outside) {
    if (op.op === 'open' && 'path' in op) {
      const from = op.fromSlot === undefined ? '' : (slots.get(op.fromSlot)?.[0] ?? '')
      slots.set(op.slot, [join(from, op.path)])
    }
    if (op.op === 'overlay')
      slots.set(
        op.slot,
        (op.lowerSlots ?? []).flatMap(slot => slots.get(slot) ?? []),
      )
  }
  return slots
}

/** What the native program does for a copy, by Node. */
function copyTrees({ outside = [] }: Program): Record<string, never> {
  const slots = slotsOf(outside)
  for (const op of outside) {
    if (op.op !== 'copyTree') continue
    const sources = (slots.get(op.fromSlot) ?? []).map(layer => join(layer, op.from)).filter(existsSync)
    if (sources.length === 0) throw nativeFailure(op, 'ENOENT')
    const target = join(slots.get(op.toSlot)?.[0] ?? '', op.to)
    if (op.create) mkdirSync(target)
    for (const [at, source] of sources.reverse().entries()) {
      if (at === 1) inCopy(target)
      cpSync(source, target, { recursive: true })
    }
    copies += 1
  }
  return {}
}

function listTree({ outside = [] }: Program): PackItem[] {
  const open = outside.findLast(op => op.op === 'open')
  const folder = slotsOf(outside).get(0)?.[0] ?? ''
  if (open === undefined || !existsSync(folder)) throw nativeFailure(open, 'ENOENT')
  return ['.', ...readdirSync(folder)].map(() => ({}) as PackItem)
}

function nativeFailure(op: OutsideOp | undefined, errno: string): Error {
  return failure({
    code: 'NATIVE_FAILED',
    summary: errno,
    cause: { op, opIndex: 0, stage: 'outside', errno, detail: '' },
  })
}

const mounting = (mount: Partial<Mount>, Image = 'full:1'): ContainerCreateRequest => ({
  Image,
  HostConfig: {
    NetworkMode: 'none',
    Mounts: [{ Type: 'volume', Source: 'vol', Target: '/data', ...mount } as Mount],
  },
})

async function create(name: string, mount: Partial<Mount> = {}, image?: string): Promise<string> {
  return (await engine.containers.create(mounting(mount, image), { name })).Id
}

async function start(name: string, mount: Partial<Mount> = {}): Promise<string> {
  const id = await create(name, mount)
  await engine.containers.start(id, {})
  return id
}

const folderOf = (name: string): string => machine.path('root/volumes', name)
const filesOf = (name: string): string[] => readdirSync(join(folderOf(name), '_data')).sort()
const names = async (filters: Record<string, string[]> = {}): Promise<string[]> =>
  ((await engine.volumes.list({ filters })).Volumes ?? []).map(volume => volume.Name).sort()
const remove = (name: string, volumes: boolean): Promise<void> =>
  engine.containers.remove(name, { force: false, volumes, link: false })
const FULL = ['both', 'high', 'low', 'sub']

test('what is mounted from other containers comes before the anonymous volumes of an image, the last of them first', async () => {
  await create('one')
  await create('two', { Source: 'other' })
  const body = (VolumesFrom: string[]): ContainerCreateRequest => ({
    Image: 'full:1',
    Volumes: { '/data': {} },
    HostConfig: { NetworkMode: 'none', VolumesFrom },
  })
  const { Id } = await engine.containers.create(body(['one', 'two']), { name: 'heir' })
  const { Mounts } = await engine.containers.inspect(Id, { size: false })
  expect((Mounts ?? []).map(({ Name, Destination }) => [Name, Destination])).toEqual([['other', '/data']])
})

describe('a volume that a container mounts for the first time', () => {
  test('is filled with what all layers of the image have there', async () => {
    await create('web')
    expect(filesOf('vol')).toEqual(FULL)
    expect(readFileSync(join(folderOf('vol'), '_data/both'), 'utf8')).toBe('high')
    expect(readdirSync(folderOf('vol')).sort()).toEqual(['_data', 'record.json'])
  })

  test.each([
    [
      'has something already',
      {},
      'full:1',
      ['mine'],
      (): void => writeFileSync(join(folderOf('vol'), '_data/mine'), ''),
    ],
    ['is asked to stay as it is', { VolumeOptions: { NoCopy: true } }, 'full:1', [], (): void => undefined],
    ['finds nothing there in the image', { Target: '/nowhere' }, 'full:1', [], (): void => undefined],
    ['has an image without layers', {}, 'app:1', [], (): void => undefined],
  ])('is not where it %s', async (_, mount, image, files, prepare) => {
    await engine.volumes.create({ Name: 'vol' })
    prepare()
    await engine.containers.start(await create('web', mount, image), {})
    expect(filesOf('vol')).toEqual(files)
    expect(readdirSync(folderOf('vol')).sort()).toEqual(['_data', 'record.json'])
  })

  test('is filled when the container is made, and never again: what the user has emptied stays empty', async () => {
    const id = await create('web')
    for (const file of FULL) rmSync(join(folderOf('vol'), '_data', file), { recursive: true })
    await engine.containers.start(id, {})
    expect(filesOf('vol')).toEqual([])
  })

  test('is filled once, when forty containers are made at one moment', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, at) => create(`c${at}`)))
    expect(filesOf('vol')).toEqual(FULL)
    expect(copies).toBe(1)
  })

  test('stays the same folder where another container has it mounted', async () => {
    await start('first', { VolumeOptions: { NoCopy: true } })
    const { ino } = statSync(join(folderOf('vol'), '_data'))
    await start('second')
    expect(filesOf('vol')).toEqual(FULL)
    expect(statSync(join(folderOf('vol'), '_data')).ino).toBe(ino)
  })

  test('is left alone by those who have it from another container', async () => {
    await create('one', { Target: '/nowhere' })
    await create('two', { VolumeOptions: { NoCopy: true } })
    const HostConfig = { NetworkMode: 'none', VolumesFrom: ['two'] }
    await engine.containers.create({ Image: 'full:1', HostConfig }, { name: 'heir' })
    expect(filesOf('vol')).toEqual([])
  })

  test('that is a folder of the user’s is filled in place', async () => {
    mkdirSync(machine.path('own'))
    const { ino } = statSync(machine.path('own'))
    const DriverOpts = { type: 'none', o: 'bind', device: machine.path('own') }
    await engine.volumes.create({ Name: 'vol', DriverOpts })
    await start('web')
    expect(readdirSync(machine.path('own')).sort()).toEqual(FULL)
    expect(statSync(machine.path('own')).ino).toBe(ino)
  })

  test('by a part of it is filled there alone, if the part is there and empty', async () => {
    await engine.volumes.create({ Name: 'vol' })
    mkdirSync(join(folderOf('vol'), '_data/part'))
    await start('web', { VolumeOptions: { Subpath: 'part' } })
    expect(filesOf('vol')).toEqual(['part'])
    expect(readdirSync(join(folderOf('vol'), '_data/part')).sort()).toEqual(FULL)
    await start('other', { VolumeOptions: { Subpath: 'missing' } })
    expect(filesOf('vol')).toEqual(['part'])
    mkdirSync(join(folderOf('vol'), '_data/mine'))
    writeFileSync(join(folderOf('vol'), '_data/mine/file'), '')
    await start('third', { VolumeOptions: { Subpath: 'mine' } })
    expect(readdirSync(join(folderOf('vol'), '_data/mine'))).toEqual(['file'])
    expect(copies).toBe(1)
  })
})

describe('a container that cannot be made', () => {
  const BROKEN = { Type: 'volume', Source: 'broken', Target: '/data/sub' } as const
  const two = (): Promise<unknown> => {
    const Mounts: Mount[] = [{ Type: 'volume', Source: 'vol', Target: '/data' }, BROKEN]
    return engine.containers.create({ Image: 'full:1', HostConfig: { NetworkMode: 'none', Mounts } }, {})
  }
  const stateOf = (folder: string): unknown => {
    const { mode, uid, gid } = statSync(folder)
    return { files: readdirSync(folder), mode, uid, gid }
  }
  /** The second copy fails. */
  async function openBroken(): Promise<void> {
    await open({
      run: program => {
        if (copies > 0) throw nativeFailure(undefined, 'ENOSPC')
        return copyTrees(program)
      },
    })
  }

  test('leaves the volumes that were there as they were, and none of its own', async () => {
    await openBroken()
    await engine.volumes.create({ Name: 'vol' })
    chmodSync(join(folderOf('vol'), '_data'), 0o1730)
    const before = stateOf(join(folderOf('vol'), '_data'))
    await expect(two()).rejects.toMatchObject({ code: 'NATIVE_FAILED' })
    expect(copies).toBe(1)
    expect(stateOf(join(folderOf('vol'), '_data'))).toEqual(before)
    expect(await names()).toEqual(['vol'])
    expect(readdirSync(folderOf('vol')).sort()).toEqual(['_data', 'record.json'])
  })

  test('leaves what another has found there', async () => {
    await openBroken()
    await create('web')
    await expect(two()).rejects.toMatchObject({ code: 'NATIVE_FAILED' })
    expect(filesOf('vol')).toEqual(FULL)
  })

  test('leaves a folder of the user’s empty, where half of it was copied', async () => {
    mkdirSync(machine.path('own'))
    const DriverOpts = { type: 'none', o: 'bind', device: machine.path('own') }
    await engine.volumes.create({ Name: 'vol', DriverOpts })
    inCopy = () => {
      throw nativeFailure(undefined, 'ENOSPC')
    }
    const before = stateOf(machine.path('own'))
    await expect(create('web')).rejects.toMatchObject({ code: 'NATIVE_FAILED' })
    expect(stateOf(machine.path('own'))).toEqual(before)
  })
})

describe('a copy that is cut off', () => {
  const broken = (): void => {
    throw nativeFailure(undefined, 'ENOSPC')
  }

  test('leaves the volume empty, and the next container that is made copies again', async () => {
    inCopy = broken
    await engine.volumes.create({ Name: 'vol' })
    await expect(create('web')).rejects.toMatchObject({ code: 'NATIVE_FAILED' })
    expect(filesOf('vol')).toEqual([])
    expect(readdirSync(folderOf('vol')).sort()).toEqual(['_data', 'record.json'])
    inCopy = () => undefined
    await create('web')
    expect(filesOf('vol')).toEqual(FULL)
  })

  test('by the end of the engine leaves nothing beside the data once the next one has copied', async () => {
    await engine.volumes.create({ Name: 'vol' })
    mkdirSync(join(folderOf('vol'), '_copy-0123456789ab'))
    writeFileSync(join(folderOf('vol'), '_copy-0123456789ab/low'), '')
    await open()
    await create('web')
    expect(filesOf('vol')).toEqual(FULL)
    expect(readdirSync(folderOf('vol')).sort()).toEqual(['_data', 'record.json'])
  })

  test('by somebody who writes into the volume meanwhile gives way to what was written', async () => {
    inCopy = () => writeFileSync(join(folderOf('vol'), '_data/mine'), '')
    await start('web')
    expect(filesOf('vol')).toEqual(['mine'])
    expect(readdirSync(folderOf('vol')).sort()).toEqual(['_data', 'record.json'])
  })
})

describe('a removal', () => {
  test.each([
    ['was never started', async (): Promise<void> => void (await create('web'))],
    ['runs', async (): Promise<void> => void (await start('web'))],
    [
      'has ended',
      async (): Promise<void> => {
        await start('web')
        await machine.monitors.last.exit(0)
        await vi.waitFor(() => expect(engine.idle()).toBe(true))
      },
    ],
  ])('is refused while a container that %s mentions the volume, by force too', async (_, use) => {
    await use()
    const { Id } = await engine.containers.inspect('web', { size: false })
    for (const force of [false, true])
      await expect(engine.volumes.remove('vol', { force })).rejects.toMatchObject({
        code: 'VOLUME_IN_USE',
        kind: 'conflict',
        message: expect.stringContaining(Id),
      })
    expect(existsSync(join(folderOf('vol'), '_data'))).toBe(true)
  })

  test('takes the data along when nobody mentions it any more', async () => {
    await create('web')
    await remove('web', false)
    await engine.volumes.remove('vol', { force: false })
    expect(readdirSync(machine.path('root/volumes'))).toEqual([])
    await expect(engine.volumes.inspect('vol')).rejects.toMatchObject({ code: 'VOLUME_NOT_FOUND' })
  })

  test('of what is not there is refused, by force it is fine', async () => {
    await expect(engine.volumes.remove('vol', { force: false })).rejects.toMatchObject({
      code: 'VOLUME_NOT_FOUND',
    })
    await engine.volumes.remove('vol', { force: true })
  })

  test('that was cut off is ended by the next engine', async () => {
    mkdirSync(machine.path('root/volumes/.removed-0123456789ab/_data'), { recursive: true })
    await open()
    await vi.waitFor(() => expect(readdirSync(machine.path('root/volumes'))).toEqual([]))
    expect(warnings).toEqual([])
  })
})

describe('a volume without a name', () => {
  const ANONYMOUS: Partial<Mount> = { Source: '' }

  test('goes with its container where that is asked for, and stays where not', async () => {
    await create('web', ANONYMOUS)
    await remove('web', false)
    const [left = ''] = await names()
    expect(left).toMatch(/^[0-9a-f]{64}$/)
    expect((await engine.volumes.inspect(left)).Labels).toEqual({ 'com.docker.volume.anonymous': '' })
    await create('web', ANONYMOUS)
    await remove('web', true)
    expect(await names()).toEqual([left])
  })

  test('stays while another container has it from there', async () => {
    await create('web', ANONYMOUS)
    const [name = ''] = await names()
    await create('other', { Source: name })
    await remove('web', true)
    expect(await names()).toEqual([name])
  })

  test('is what goes: one with a name stays', async () => {
    await create('web')
    await remove('web', true)
    expect(await names()).toEqual(['vol'])
  })
})

describe('a prune', () => {
  test('removes what has no name and no user, by `all` what has a name, too, and counts the bytes', async () => {
    await create('used', { Source: '' })
    const kept = await names()
    await engine.volumes.create({})
    await engine.volumes.create({ Name: 'named' })
    writeFileSync(join(folderOf('named'), '_data/file'), 'x'.repeat(5000))
    const first = await engine.volumes.prune({})
    expect(first.VolumesDeleted).toHaveLength(1)
    expect(await names()).toEqual([...kept, 'named'].sort())
    const second = await engine.volumes.prune({ all: ['true'] })
    expect(second.VolumesDeleted).toEqual(['named'])
    expect(second.SpaceReclaimed).toBeGreaterThanOrEqual(5000)
    expect(await names()).toEqual(kept)
  })

  test('goes by labels', async () => {
    await engine.volumes.create({ Name: 'first', Labels: { tier: 'db' } })
    await engine.volumes.create({ Name: 'second', Labels: { tier: 'web' } })
    await engine.volumes.create({ Name: 'third' })
    expect((await engine.volumes.prune({ all: ['true'], label: ['tier=db'] })).VolumesDeleted).toEqual([
      'first',
    ])
    expect((await engine.volumes.prune({ all: ['true'], 'label!': ['tier'] })).VolumesDeleted).toEqual([
      'third',
    ])
  })
})

describe('records', () => {
  test('are read again by the next engine', async () => {
    await engine.volumes.create({ Name: 'vol', Labels: { a: 'b' } })
    const before = await engine.volumes.inspect('vol')
    await open()
    expect(await engine.volumes.inspect('vol')).toEqual(before)
  })

  test('that cannot be read are set aside: the data stays, for the volume that has the name next', async () => {
    await engine.volumes.create({ Name: 'vol' })
    writeFileSync(join(folderOf('vol'), '_data/mine'), '')
    writeFileSync(join(folderOf('vol'), 'record.json'), '{')
    await open()
    expect(warnings).toEqual(['RECORD_BROKEN'])
    expect(await names()).toEqual([])
    expect(readFileSync(join(folderOf('vol'), 'record.json.broken'), 'utf8')).toBe('{')
    await start('web')
    expect(filesOf('vol')).toEqual(['mine'])
  })

  test('that were lost of a volume that a container mentions are made anew at its start', async () => {
    const id = await start('web')
    await machine.monitors.last.exit(0)
    await vi.waitFor(() => expect(engine.idle()).toBe(true))
    rmSync(join(folderOf('vol'), 'record.json'))
    await open()
    expect(await names()).toEqual([])
    await engine.containers.start(id, {})
    expect(await names()).toEqual(['vol'])
    expect(filesOf('vol')).toEqual(FULL)
  })

  test('that cannot be written leave no volume', async () => {
    writeFileSync(machine.path('root/volumes/vol'), '')
    await expect(engine.volumes.create({ Name: 'vol' })).rejects.toThrow()
    rmSync(machine.path('root/volumes/vol'))
    const save = vi.spyOn(VolumeTable.prototype, 'save').mockImplementation(() => {
      throw new Error('the disk is gone')
    })
    onTestFinished(() => save.mockRestore())
    await expect(engine.volumes.create({ Name: 'vol' })).rejects.toThrow('the disk is gone')
    save.mockRestore()
    expect(readdirSync(machine.path('root/volumes'))).toEqual([])
    expect(await names()).toEqual([])
    await engine.volumes.create({ Name: 'vol' })
  })
})

describe('a create', () => {
  test('of one that is there gives it as it is', async () => {
    const first = await engine.volumes.create({ Name: 'vol', Labels: { a: '1' } })
    expect(await engine.volumes.create({ Name: 'vol', Labels: { a: '2' } })).toEqual(first)
  })

  test.each([
    ['another driver', { Driver: 'nfs' }, 'VOLUME_DRIVER'],
    ['an option that there is not', { DriverOpts: { size: '1g' } }, 'VOLUME_OPTIONS'],
    ['a file system of nothing', { DriverOpts: { type: 'tmpfs' } }, 'VOLUME_OPTIONS'],
    ['a device of no type', { DriverOpts: { device: 'tmpfs', o: 'size=1m' } }, 'VOLUME_OPTIONS'],
    ['a relative folder', { DriverOpts: { type: 'none', o: 'bind', device: 'x' } }, 'VOLUME_OPTIONS'],
    ['a folder that is not there', { DriverOpts: { o: 'bind', device: '/nowhere/at/all' } }, 'VOLUME_DEVICE'],
    ['a name that is none', { Name: '../x' }, 'NAME_INVALID'],
  ])('with %s is refused, and makes nothing', async (_, body, code) => {
    await expect(engine.volumes.create({ Name: 'vol', ...body })).rejects.toMatchObject({ code })
    expect(readdirSync(machine.path('root/volumes'))).toEqual([])
  })

  test('is listed by what it is, and whether anybody uses it', async () => {
    await engine.volumes.create({ Name: 'free', Labels: { a: 'b' } })
    await create('web')
    expect(await names({ dangling: ['true'] })).toEqual(['free'])
    expect(await names({ dangling: ['false'] })).toEqual(['vol'])
    expect(await names({ label: ['a=b'] })).toEqual(['free'])
    expect(await names({ name: ['^v'] })).toEqual(['vol'])
    await expect(names({ nonsense: ['x'] })).rejects.toMatchObject({ code: 'FILTER_INVALID' })
  })
})
