import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NetworkInspect } from '../../api/types/index.ts'
import { memoryFolder } from '../../linux/testing/memory-folder.ts'
import type { RecordingNative } from '../../native/index.ts'
import { openWithoutKernel, storeImage } from '../engine.test-support.ts'
import type { Engine } from '../index.ts'

let folder: string
let engine: Engine
let native: RecordingNative
beforeEach(async () => {
  folder = memoryFolder('tsc-bridge-')
  await storeImage(folder)
  ;({ engine, native } = await openWithoutKernel(folder))
})
afterEach(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const bridge = (): Promise<NetworkInspect> => engine.networks.inspect('bridge')

describe('the networks that every Docker Engine has', () => {
  test('are listed though nobody uses them, and nothing of them is made', async () => {
    const names = (await engine.networks.list({ filters: {} })).map(({ Name }) => Name)
    expect(names).toEqual(['bridge', 'host', 'none'])
    const operations = native.programs('run').flatMap(({ outside = [] }) => outside.map(({ op }) => op))
    // An engine that has just begun asks for this, whatever there is.
    expect(operations.filter(op => op !== 'open' && op !== 'spreadFolders')).toEqual([])
    expect(readdirSync(join(folder, 'root/networks'))).toEqual([])
  })

  test('are found by name, id and the beginning of an id', async () => {
    for (const name of ['bridge', 'host', 'none']) {
      const { Id } = await engine.networks.inspect(name)
      expect((await engine.networks.inspect(Id)).Name).toBe(name)
      expect((await engine.networks.inspect(Id.slice(0, 12))).Name).toBe(name)
    }
  })

  test('stay, whoever removes or prunes', async () => {
    for (const name of ['bridge', 'host', 'none']) {
      await expect(engine.networks.remove(name)).rejects.toMatchObject({ code: 'NETWORK_PREDEFINED' })
    }
    expect(await engine.networks.prune({})).toEqual({ NetworksDeleted: null })
    expect(await engine.networks.list({ filters: { type: ['builtin'] } })).toHaveLength(3)
  })
})

describe('the default bridge before anybody uses it', () => {
  test('is not chosen for who names another that is not there, but for who may mean it', async () => {
    const chosen = (): boolean => existsSync(join(folder, 'root/default-bridge.json'))
    for (const [name, isChosen] of [
      ['shop_default', false],
      ['abc', true],
    ] as const) {
      await expect(engine.networks.inspect(name)).rejects.toMatchObject({ code: 'NETWORK_NOT_FOUND' })
      expect(chosen()).toBe(isChosen)
    }
  })

  test('has its gateway, and keeps it and its id for the next engine', async () => {
    const before = await bridge()
    expect(before.IPAM.Config).toMatchObject([{ Gateway: expect.stringMatching(/\.1$/) }])
    await engine.close()
    ;({ engine } = await openWithoutKernel(folder))
    expect(await bridge()).toEqual(before)
  })

  test('is what a network that is made later keeps off', async () => {
    const before = await bridge()
    await engine.networks.create({ Name: 'other' })
    const other = await engine.networks.inspect('other')
    expect(other.IPAM.Config?.[0]?.Subnet).not.toBe(before.IPAM.Config?.[0]?.Subnet)
    expect(await bridge()).toEqual(before)
  })

  test('makes way for who asks for its subnet, and keeps its id', async () => {
    const before = await bridge()
    await engine.networks.create({ Name: 'other', IPAM: { Config: before.IPAM.Config ?? [] } })
    const after = await bridge()
    expect(after.Id).toBe(before.Id)
    expect(after.IPAM.Config?.[0]?.Subnet).not.toBe(before.IPAM.Config?.[0]?.Subnet)
  })
})
