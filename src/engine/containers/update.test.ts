import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ContainerCreateRequest } from '../../api/types/index.ts'
import { memoryFolder } from '../../linux/testing/memory-folder.ts'
import { openWithoutKernel, storeImage } from '../engine.test-support.ts'
import type { Engine } from '../index.ts'
import { updateDrift } from './update-drift.ts'

let folder: string
let engine: Engine

beforeEach(async () => {
  folder = memoryFolder('tsc-update-')
  await storeImage(folder)
  ;({ engine } = await openWithoutKernel(folder))
})
afterEach(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const NONE: ContainerCreateRequest = { Image: 'app:1', HostConfig: { NetworkMode: 'none' } }

describe('an update', () => {
  const configOf = async (name: string) => (await engine.containers.inspect(name, { size: false })).HostConfig

  test('changes limits and the restart policy, and nothing else that a body holds', async () => {
    await engine.containers.create(NONE, { name: 'web' })
    const body = {
      Memory: 64 << 20,
      MemorySwap: 128 << 20,
      RestartPolicy: { Name: 'always' as const },
      Privileged: true,
      PidMode: 'host',
      Binds: ['/:/host'],
      Devices: [{ PathOnHost: '/dev/sda', PathInContainer: '/dev/sda', CgroupPermissions: 'rwm' }],
      Ulimits: [],
      CpusetCpus: '',
    }
    const { Warnings } = await engine.containers.update('web', body)
    expect(Warnings?.map(text => text.split(' ')[0])).toEqual(['Privileged', 'PidMode', 'Binds', 'Devices'])
    const config = await configOf('web')
    expect(config).toMatchObject({ Memory: 64 << 20, RestartPolicy: { Name: 'always' } })
    for (const field of ['Privileged', 'PidMode', 'Binds', 'Devices'] as const)
      expect([field, Boolean(config[field])]).toEqual([field, false])
    const record = readFileSync(
      join(folder, 'root/containers', readdirSync(join(folder, 'root/containers'))[0] ?? '', 'record.json'),
      'utf8',
    )
    expect(record).not.toMatch(/Privileged|PidMode":"host|\/dev\/sda/)
  })

  test.each([
    { UTSMode: 'host' },
    { NetworkMode: 'container:other' },
  ])('of a container that has no names of its own (%j) is none of its names', async host => {
    await engine.containers.create(NONE, { name: 'other' })
    await engine.containers.create({ ...NONE, HostConfig: { ...NONE.HostConfig, ...host } }, { name: 'web' })
    await engine.containers.update('web', { CpuShares: 5 })
    expect(await configOf('web')).toMatchObject({ CpuShares: 5 })
  })

  test('leaves what it does not name: the Docker CLI sends every field', async () => {
    const host = { NetworkMode: 'none', Memory: 32 << 20, RestartPolicy: { Name: 'always' as const } }
    await engine.containers.create({ Image: 'app:1', HostConfig: host }, { name: 'web' })
    await engine.containers.update('web', { CpuShares: 5, Memory: 0, RestartPolicy: { Name: '' } })
    expect(await configOf('web')).toMatchObject({ ...host, CpuShares: 5 })
  })

  test.each([
    ['memory below 6 MiB', { Memory: 1 << 20 }, 'MEMORY_INVALID'],
    ['memory above the swap that goes with the old', { Memory: 65 << 20 }, 'MEMORY_INVALID'],
    ['memory above memory and swap', { Memory: 64 << 20, MemorySwap: 63 << 20 }, 'MEMORY_INVALID'],
    ['more CPUs than there are', { NanoCpus: 1e15 }, 'CPU_INVALID'],
    ['CPUs that are not there', { CpusetCpus: '0-99999' }, 'CPU_INVALID'],
    ['no set of CPUs', { CpusetCpus: '1-0' }, 'CPU_INVALID'],
    ['a quota below a millisecond', { CpuQuota: 500 }, 'CPU_INVALID'],
    ['a period above a second', { CpuPeriod: 2_000_000 }, 'CPU_INVALID'],
    ['a policy that does not exist', { RestartPolicy: { Name: 'x' as 'no' } }, 'RESTART_INVALID'],
  ])('refuses %s and keeps what was', async (_, body, code) => {
    await engine.containers.create(
      { Image: 'app:1', HostConfig: { NetworkMode: 'none', Memory: 32 << 20 } },
      { name: 'web' },
    )
    const before = await configOf('web')
    await expect(engine.containers.update('web', body)).rejects.toMatchObject({ code })
    expect(await configOf('web')).toEqual(before)
  })

  test('keeps no limit of processes as 0, whichever way it is said', async () => {
    const none = { Image: 'app:1', HostConfig: { NetworkMode: 'none', PidsLimit: -5 } }
    await engine.containers.create(none, { name: 'web' })
    expect((await configOf('web')).PidsLimit).toBe(0)
    for (const [PidsLimit, kept] of [
      [7, 7],
      [-5, 0],
      [7, 7],
      [-1, 0],
    ]) {
      await engine.containers.update('web', { PidsLimit })
      expect((await configOf('web')).PidsLimit).toBe(kept)
    }
  })

  test.each([
    [0, undefined],
    [undefined, undefined],
    [-1, 0],
    [7, 7],
  ])('of a container that was made with %j processes finds what it was made with', async (PidsLimit, kept) => {
    const host = { NetworkMode: 'none', ...(PidsLimit === undefined ? {} : { PidsLimit }) }
    await engine.containers.create({ Image: 'app:1', HostConfig: host }, { name: 'web' })
    expect((await configOf('web')).PidsLimit ?? undefined).toBe(kept)
    await engine.containers.update('web', { CpuShares: 5 })
    expect((await configOf('web')).PidsLimit ?? undefined).toBe(kept)
  })

  test('takes more memory where swap is given too', async () => {
    await engine.containers.create(
      { Image: 'app:1', HostConfig: { NetworkMode: 'none', Memory: 32 << 20 } },
      { name: 'web' },
    )
    await engine.containers.update('web', { Memory: 96 << 20, MemorySwap: -1 })
    expect(await configOf('web')).toMatchObject({ Memory: 96 << 20, MemorySwap: -1 })
  })

  test('of a container whose swap has no limit asks for that again only where memory is given', async () => {
    const host = { NetworkMode: 'none', Memory: 60 << 20, MemorySwap: -1 }
    await engine.containers.create({ Image: 'app:1', HostConfig: host }, { name: 'web' })
    await engine.containers.update('web', { Memory: 0, MemorySwap: 0, CpuShares: 5, PidsLimit: 9 })
    expect(await configOf('web')).toMatchObject({ ...host, CpuShares: 5, PidsLimit: 9 })
    const more = engine.containers.update('web', { Memory: 70 << 20 })
    await expect(more).rejects.toMatchObject({
      diagnostics: [{ code: 'MEMORY_INVALID', facts: { rule: 'above swap' } }],
    })
    const less = engine.containers.update('web', { Memory: 1 << 20 })
    await expect(less).rejects.toMatchObject({
      diagnostics: [{ code: 'MEMORY_INVALID', facts: { rule: 'least' } }],
    })
  })
})

test('a number of processes that was lifted is drift, and so is a limit where there was the default', () => {
  const drifts = ([from, to]: readonly (number | undefined)[]) =>
    updateDrift({ madeWith: { PidsLimit: from }, hostConfig: { PidsLimit: to } }).map(({ Want, Got }) => [
      Want,
      Got,
    ])
  expect(
    [
      [undefined, 0],
      [0, undefined],
      [0, 7],
      [7, 7],
    ].map(drifts),
  ).toEqual([[['', '-1']], [['-1', '']], [['-1', '7']], []])
})
