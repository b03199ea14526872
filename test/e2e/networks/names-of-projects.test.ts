// Who a name is where two projects have it: on a network that both are on, while one of them comes and goes.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { EngineLab } from '../harness/engine-lab.ts'

const lab = new EngineLab()

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

/** What services are called besides, in every project. */
const ALIASES: Readonly<Record<string, readonly string[]>> = { db: ['store'] }

/** A service's container on these networks. */
const start = (project: string, service: string, ...networks: [string, ...string[]]): Promise<string> =>
  lab.run(`${project}-${service}-1`, {
    Labels: { 'com.docker.compose.project': project, 'com.docker.compose.service': service },
    HostConfig: { NetworkMode: networks[0] },
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(
        networks.map(name => [name, { Aliases: [service, ...(ALIASES[service] ?? [])] }]),
      ),
    },
  })

const addressOf = async (name: string, network: string): Promise<string | undefined> => {
  const { NetworkSettings } = await lab.engine.containers.inspect(name, { size: false })
  return NetworkSettings.Networks[network]?.IPAddress
}

/** What a name is for a container: its addresses, none where it has none. */
const asked = async (container: string, name: string): Promise<string[]> => {
  const { out } = await lab.exec(container, `nslookup -type=a ${name} 127.0.0.11`)
  return [...out.replace(/^Server:[\s\S]*?\n\n/, '').matchAll(/^Address: (\S+)$/gm)].map(
    ([, each = '']) => each,
  )
}

test('a project’s own name is never another’s, also while its service is down; `service.project` is the other’s', async () => {
  for (const Name of ['shared', 'inner']) await lab.engine.networks.create({ Name })
  await start('a', 'db', 'inner', 'shared')
  const app = await start('a', 'app', 'inner', 'shared')
  await start('b', 'db', 'shared')
  const guest = await start('b', 'guest', 'shared')
  const own = [await addressOf('a-db-1', 'inner'), await addressOf('a-db-1', 'shared')].sort()
  const other = [await addressOf('b-db-1', 'shared')]

  expect([(await asked(app, 'db')).sort(), await asked(guest, 'db')]).toEqual([own, other])
  expect([await asked(app, 'db.b'), await asked(guest, 'db.a')]).toEqual([
    other,
    [await addressOf('a-db-1', 'shared')],
  ])
  await lab.engine.containers.kill('a-db-1', 'SIGKILL')
  await vi.waitFor(async () => expect(await asked(app, 'db')).toEqual([]), { timeout: 20_000 })
  expect(await asked(guest, 'db')).toEqual(other)

  await lab.reopen()
  expect([await asked(app, 'db'), await asked(app, 'db.b')]).toEqual([[], other])
  // Removed, it is as one that is down, and the next engine knows it.
  await lab.engine.containers.remove('a-db-1', { force: true, volumes: false, link: false })
  const names = ['db', 'store', 'db.b']
  const askedAll = (): Promise<string[][]> => Promise.all(names.map(name => asked(app, name)))
  expect(await askedAll()).toEqual([[], [], other])
  await lab.reopen()
  expect(await askedAll()).toEqual([[], [], other])
  expect([await asked(guest, 'db'), await asked(guest, 'store')]).toEqual([other, other])
  // A service of the file's that never had a container.
  expect(await asked(app, 'guest')).not.toEqual([])
  await lab.engine.system.tellNames('a', ['guest'])
  expect([await asked(app, 'guest'), (await asked(app, 'guest.b')).length]).toEqual([[], 1])
  // Of its own project, and on no network of his.
  await start('b', 'secret', 'inner')
  expect((await lab.exec(guest, 'nslookup -type=a secret 127.0.0.11')).out).not.toContain('NXDOMAIN')
  expect(await asked(guest, 'secret')).toEqual([])
})

test('the host is host.docker.internal everywhere but where a network leads nowhere', async () => {
  await lab.engine.networks.create({ Name: 'open', IPAM: { Config: [{ Subnet: '10.83.7.0/24' }] } })
  await lab.engine.networks.create({ Name: 'closed', Internal: true })
  const [open, closed] = [await start('a', 'open', 'open'), await start('a', 'closed', 'closed')]
  expect(await asked(open, 'host.docker.internal')).toEqual(['10.83.7.1'])
  expect(await asked(closed, 'host.docker.internal')).toEqual([])
  expect(await asked(closed, 'localhost')).toEqual(['127.0.0.1'])
})
