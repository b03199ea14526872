// What a container that runs is made of from now on: all of it or nothing, whenever the engine ends.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Adaptation, ContainerUpdateRequest } from '../../api/types/index.ts'
import type { NativeScript, RecordingNative } from '../../native/index.ts'
import { copyNothing } from '../engine.test-support.ts'
import type { Engine } from '../index.ts'
import { SimulatedMachine } from '../machine.test-support.ts'

let machine: SimulatedMachine
let engine: Engine
let native: RecordingNative
let id: string
/** Before each program that the kernel is given. */
let onRun: () => void

async function openNext(): Promise<void> {
  const run: NativeScript['run'] = program => {
    onRun()
    return copyNothing(program)
  }
  ;({ engine, native } = await machine.open({ run }))
}

beforeEach(async () => {
  onRun = () => undefined
  machine = await new SimulatedMachine().prepare()
  await openNext()
  const HostConfig = { NetworkMode: 'net', Memory: 64 << 20 }
  id = (await engine.containers.create({ Image: 'app:1', Labels: { a: '1' }, HostConfig }, { name: 'web' }))
    .Id
  await engine.containers.start('web', {})
})
afterEach(() => machine.end())

const adapt = (adaptation: Adaptation) => engine.containers.update('web', { TscomposeAdapt: adaptation })
const told = (drift = false) => engine.containers.inspect('web', { size: false, drift })
test('an update tells of limits that the machine has not where it changes them, and not at each', async () => {
  machine.lost = ({ blkioWeight }) => (blkioWeight === undefined ? [] : ['no weight'])
  const warningsOf = async (body: ContainerUpdateRequest) =>
    (await engine.containers.update('web', body)).Warnings
  expect(await warningsOf({ BlkioWeight: 300 })).toEqual(['no weight'])
  expect(await warningsOf({ CpuShares: 5 })).toEqual([])
  expect(await warningsOf({ BlkioWeight: 400 })).toEqual(['no weight'])
})

const MORE = { Memory: 128 << 20 } as const

describe('an adaptation', () => {
  test('changes the fields that it names, and takes away those without a value', async () => {
    const { Pid } = (await told()).State
    await adapt({ Fields: ['Labels', 'HostConfig.Memory'], Config: { Labels: { b: '2' } }, HostConfig: {} })
    const { Config, HostConfig, State } = await told()
    expect([Config.Labels, HostConfig.Memory, State.Pid]).toEqual([{ b: '2' }, 0, Pid])
    expect(machine.limits).toEqual([{}])
    expect(machine.record(id)).not.toHaveProperty('adapting')
  })

  test('is what updates are held against from then on', async () => {
    await engine.containers.update('web', { Memory: 32 << 20, CpuShares: 5 })
    await adapt({ Fields: ['HostConfig.Memory'], HostConfig: MORE })
    const drift = (await told(true)).TscomposeDrift?.map(({ Path }) => Path)
    expect(drift?.filter(path => path.startsWith('HostConfig'))).toEqual(['HostConfig.CpuShares'])
  })

  test.each<[string, Adaptation]>([
    ['what a process is born with', { Fields: ['Env'], Config: { Env: ['A=b'] } }],
    ['rights', { Fields: ['HostConfig.Privileged'], HostConfig: { Privileged: true } }],
    [
      'what is read at a start',
      { Fields: ['HostConfig.Annotations'], HostConfig: { Annotations: { 'com.tscompose.proc': 'host' } } },
    ],
    [
      'where a container goes that goes everywhere',
      { Fields: ['HostConfig.TscomposeEgress'], HostConfig: { TscomposeEgress: ['*'] } },
    ],
  ])('refuses %s, with all that comes beside it', async (_, { Fields = [], Config, HostConfig }) => {
    const all = { Fields: [...Fields, 'HostConfig.Memory'], Config, HostConfig: { ...HostConfig, ...MORE } }
    await expect(adapt(all)).rejects.toMatchObject({ code: 'ADAPT_COLD' })
    expect([(await told()).HostConfig.Memory, machine.limits]).toEqual([64 << 20, []])
  })

  test('of one that does not run is what it starts with', async () => {
    await engine.containers.create({ Image: 'app:1' }, { name: 'new' })
    const { TscomposeAdapts } = await engine.containers.inspect('new', { size: false, drift: true })
    expect(TscomposeAdapts).toBe(undefined)
    const Fields = ['HostConfig.Memory']
    await engine.containers.update('new', { TscomposeAdapt: { Fields, HostConfig: MORE } })
    expect((await engine.containers.inspect('new', { size: false })).HostConfig.Memory).toBe(MORE.Memory)
    expect(machine.limits).toEqual([])
  })

  test('leaves all as it was where a part of it fails', async () => {
    machine.onLimits = ({ memory }) => {
      if (memory === MORE.Memory) throw new Error('busy')
    }
    const refused = adapt({
      Fields: ['Labels', 'HostConfig.Memory'],
      Config: { Labels: {} },
      HostConfig: MORE,
    })
    await expect(refused).rejects.toThrow('busy')
    const { Config, HostConfig } = await told()
    expect([Config.Labels, HostConfig.Memory]).toEqual([{ a: '1' }, 64 << 20])
    expect(machine.limits).toEqual([{ memory: 64 << 20 }])
    expect(machine.record(id)).not.toHaveProperty('adapting')
  })

  test('is put back by the next engine where one was killed over it', async () => {
    const dies = new Error('killed')
    machine.onLimits = ({ memory }) => {
      machine.limits.push({ memory: memory ?? 0 })
      throw dies
    }
    await expect(adapt({ Fields: ['HostConfig.Memory'], HostConfig: MORE })).rejects.toThrow('killed')
    expect(machine.record(id).adapting).toEqual(['HostConfig.Memory'])
    machine.onLimits = () => undefined
    machine.limits.length = 0
    await openNext()
    expect(machine.limits).toEqual([{ memory: 64 << 20 }])
    expect(machine.record(id)).not.toHaveProperty('adapting')
    await adapt({ Fields: ['HostConfig.Memory'], HostConfig: MORE })
    expect((await told()).HostConfig.Memory).toBe(MORE.Memory)
  })
})

describe('another address', () => {
  const HERE = '10.99.0.2'
  const shown = async () => (await told()).NetworkSettings.Networks
  const moved = (address: string) =>
    adapt({
      Fields: ['EndpointsConfig'],
      EndpointsConfig: { net: { IPAMConfig: { IPv4Address: address } } },
    })

  test.each([
    ['10.98.0.2', 'ADDRESS_OUTSIDE_SUBNET'],
    ['10.99.0.1', 'ADDRESS_IN_USE'],
    ['10.99.0.3', 'ADDRESS_IN_USE'],
  ])('%s is refused before the network is left', async (address, code) => {
    await engine.containers.create({ Image: 'app:1', HostConfig: { NetworkMode: 'net' } }, { name: 'other' })
    await engine.containers.start('other', {})
    const before = await shown()
    const runs = native.programs('run').length
    await expect(moved(address)).rejects.toMatchObject({ code })
    expect([await shown(), native.programs('run').length]).toEqual([before, runs])
  })

  test('that the kernel refuses leaves the container with the one that it had', async () => {
    const before = await shown()
    onRun = () => {
      if (machine.record(id).endpoints.some(({ addresses }) => addresses.includes('10.99.0.9/24')))
        throw new Error('busy')
    }
    await expect(moved('10.99.0.9')).rejects.toThrow('busy')
    expect([await shown(), before?.['net']?.IPAddress]).toEqual([before, HERE])
    expect(machine.record(id)).not.toHaveProperty('adapting')
  })
})
