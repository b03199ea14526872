import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ContainerCreateRequest, HostConfig, Mount } from '../../../api/types/index.ts'
import { memoryFolder } from '../../../linux/testing/memory-folder.ts'
import { openWithoutKernel, storeImage, type UnkernelledEngine } from '../../engine.test-support.ts'
import { VolumeTable } from '../../state/volume-table.ts'
import { checkName } from '../../terms/name.ts'
import { randomName } from './create.ts'

let folder: string
let lab: UnkernelledEngine

beforeEach(async () => {
  folder = memoryFolder('tsc-create-')
  await storeImage(folder)
  lab = await openWithoutKernel(folder)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await lab.engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const NONE: ContainerCreateRequest = { Image: 'app:1', HostConfig: { NetworkMode: 'none' } }
const VOLUME = { Type: 'volume', Source: 'shared', Target: '/data' } as const
const NO_IMAGE = { Type: 'image', Source: 'nothing', Target: '/z' } as const
const mounting = (...Mounts: readonly Mount[]): ContainerCreateRequest => ({
  Image: 'app:1',
  HostConfig: { NetworkMode: 'none', Mounts },
})

test.each<[string, HostConfig]>([
  ['RLIMIT_UNKNOWN', { Ulimits: [{ Name: 'patience', Soft: 1, Hard: 1 }] }],
  ['SYSCTL_NOT_NAMESPACED', { Sysctls: { 'kernel.panic': '1' } }],
  ['SYSCTL_NOT_NAMESPACED', { IpcMode: 'host', Sysctls: { 'kernel.msgmax': '1' } }],
  ['SECCOMP_PROFILE_INVALID', { SecurityOpt: ['seccomp={"a":1}'] }],
  [
    'DEVICE_NOT_FOUND',
    { Devices: [{ PathOnHost: '/dev/nothing', PathInContainer: '/dev/x', CgroupPermissions: 'r' }] },
  ],
  ['DEVICE_NOT_FOUND', { BlkioDeviceReadBps: [{ Path: '/dev/nothing', Rate: 1 }] }],
  ['DEVICE_RULE_INVALID', { DeviceCgroupRules: ['everything'] }],
  ['TMPFS_OPTION_INVALID', { Tmpfs: { '/x': 'bogus' } }],
  ['MOUNT_TARGET_INVALID', { Binds: ['/tmp:/proc/x'] }],
])('what would fail at each start is refused at once: %s', async (code, host) => {
  const create = lab.engine.containers.create({ ...NONE, HostConfig: { NetworkMode: 'none', ...host } }, {})
  await expect(create).rejects.toMatchObject({ code })
  expect(readdirSync(join(folder, 'root/containers'))).toEqual([])
})

test('an interface has the name that it is asked for, also behind one that is named by number', async () => {
  for (const Name of ['front', 'back']) await lab.engine.networks.create({ Name })
  const EndpointsConfig = {
    front: {},
    back: { DriverOpts: { 'com.docker.network.endpoint.ifname': 'eth0' } },
  }
  const { Id } = await lab.engine.containers.create(
    { Image: 'app:1', HostConfig: { NetworkMode: 'front' }, NetworkingConfig: { EndpointsConfig } },
    {},
  )
  const record = JSON.parse(readFileSync(join(folder, 'root/containers', Id, 'record.json'), 'utf8'))
  expect(
    record.endpoints.map((each: { networkName: string; interfaceName: string }) => [
      each.networkName,
      each.interfaceName,
    ]),
  ).toEqual([
    ['front', 'eth1'],
    ['back', 'eth0'],
  ])
})

test('what cannot be undone keeps neither the rest from being undone nor the reason from being told', async () => {
  vi.spyOn(VolumeTable.prototype, 'delete').mockRejectedValue(new Error('the disk is gone'))
  const failed = lab.engine.containers.create(mounting(VOLUME, NO_IMAGE), { name: 'web' })
  await expect(failed).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' })
  expect(lab.warnings).toEqual(['UNDO_FAILED'])
  expect(readdirSync(join(folder, 'root/containers'))).toEqual([])
  await lab.engine.containers.create(NONE, { name: 'web' })
})

test('a volume that another create has come to use meanwhile is not undone', async () => {
  const outcomes = await Promise.allSettled([
    lab.engine.containers.create(mounting(VOLUME, NO_IMAGE), {}),
    lab.engine.containers.create(mounting(VOLUME), {}),
  ])
  expect(outcomes.map(each => each.status)).toEqual(['rejected', 'fulfilled'])
  expect(existsSync(join(folder, 'root/volumes/shared/_data'))).toBe(true)
})

test('an image stays from its look-up to the record of the container that is made from it', async () => {
  for (let turns = 0; turns < 12; turns += 1) {
    const create = lab.engine.containers.create(NONE, {})
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate)
    const remove = lab.engine.images.remove('app:1', { force: false, noprune: false, platforms: [] })
    const [created, removed] = await Promise.allSettled([create, remove])
    expect([created.status, removed.status].sort()).toEqual(['fulfilled', 'rejected'])
    if (created.status === 'rejected') {
      await storeImage(folder)
      continue
    }
    expect(await lab.engine.images.inspect('app:1')).toBeDefined()
    await lab.engine.containers.remove(created.value.Id, { force: false, volumes: true, link: false })
  }
})

test('an invented name is free and allowed', () => {
  const taken = new Set<string>()
  for (let count = 0; count < 2000; count++) {
    const name = randomName(each => taken.has(each))
    expect(taken.has(name)).toBe(false)
    taken.add(checkName('container', name))
  }
})
