// What one container alone calls another, while the other comes and goes.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { EngineLab } from '../harness/engine-lab.ts'

const lab = new EngineLab()
let app: string

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

const addressOf = async (name: string): Promise<string | undefined> => {
  const { NetworkSettings } = await lab.engine.containers.inspect(name, { size: false })
  return NetworkSettings.Networks['front']?.IPAddress
}
/** What `store` is in `app`: its addresses, none when nobody answers to it. */
const store = async (): Promise<string[]> => {
  const { out } = await lab.exec(app, 'nslookup -type=a store 127.0.0.11')
  return [...out.replace(/^Server:[\s\S]*?\n\n/, '').matchAll(/^Address: (\S+)$/gm)].map(
    ([, each = '']) => each,
  )
}
const db = (name: string): Promise<string> =>
  lab.run(name, {
    HostConfig: { NetworkMode: 'front' },
    NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['db'] } } },
  })

test('a link follows who has the name, over a stop, a rename and a new engine, and leaves nothing', async () => {
  await lab.engine.networks.create({ Name: 'front', Internal: true })
  app = await lab.run('app', {
    HostConfig: { NetworkMode: 'front' },
    NetworkingConfig: { EndpointsConfig: { front: { Links: ['db:store'] } } },
  })
  // Others may be called what a link is: they are not meant by it.
  await lab.run('another', {
    HostConfig: { NetworkMode: 'front' },
    NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['store'] } } },
  })
  const file = join(lab.folder, 'run/networks', app, 'names')
  expect([existsSync(file), await store()]).toEqual([true, []])
  await db('db1')
  expect(await store()).toEqual([await addressOf('db1')])
  await lab.reopen()
  expect(await store()).toEqual([await addressOf('db1')])
  await lab.engine.containers.kill('db1', 'SIGKILL')
  await vi.waitFor(async () => expect(await store()).toEqual([]), { timeout: 20_000 })
  await db('db2')
  expect(await store()).toEqual([await addressOf('db2')])
  const { out } = await lab.exec('db2', 'nslookup -type=a store 127.0.0.11')
  expect(out).toContain(await addressOf('another'))
  await lab.engine.containers.remove('db2', { force: true, volumes: false, link: false })
  expect((await lab.exec(app, 'nslookup -type=a store 127.0.0.11')).out).not.toContain('NXDOMAIN')
  expect(await store()).toEqual([])
  await lab.engine.containers.kill('app', 'SIGKILL')
  await vi.waitFor(() => expect(existsSync(join(file, '..'))).toBe(false), { timeout: 20_000 })
})
