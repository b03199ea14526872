import { expect, test } from 'vitest'
import type { SameSnapshot, Snapshot } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { makeProject } from '../../planner/testing/projects.ts'
import { FakeDocker } from '../testing/fake-docker.ts'
import { forgetObserved } from './at-once.ts'
import { observedContainer } from './container.ts'
import { observe } from './observe.ts'

const PROJECT = makeProject({ services: { web: {}, db: {} }, volumes: { data: {} } })

test('is one call where the engine answers it', async () => {
  const asked: object[] = []
  const docker = Object.assign(new FakeDocker(), {
    snapshot: async (request: object) => {
      asked.push(request)
      return { Tag: 'one', Containers: [], Networks: [], Volumes: [], Images: {} }
    },
  })
  const observed = await observe(docker, PROJECT)
  const nothing = { containers: [], networks: [], volumes: [], images: {}, names: [] }
  expect(observed).toEqual({ project: 'lamp', ...nothing })
  expect(asked).toEqual([
    {
      Labels: ['com.docker.compose.project=lamp'],
      Networks: ['lamp_default'],
      Volumes: ['lamp_data'],
      Images: ['example/db', 'example/web'],
    },
  ])
  expect(docker.calls).toEqual([])
})

test('reads no more than that it is the same, where who asks keeps the last one', async () => {
  const asked: unknown[] = []
  let Tag = 'one'
  const docker = Object.assign(new FakeDocker(), {
    snapshot: async (request: { readonly Tag?: string }) => {
      asked.push(request.Tag)
      return request.Tag === Tag ? { Tag } : { Tag, Containers: [], Networks: [], Volumes: [], Images: {} }
    },
  })
  const look = (keepsLast?: boolean) => observe(docker, PROJECT, keepsLast === true ? { keepsLast } : {})
  await look()
  const first = await look(true)
  expect(await look(true)).toBe(first)
  Tag = 'two'
  const second = await look(true)
  expect(second).not.toBe(first)
  // One that is read for whoever does as he likes with it is his.
  Tag = 'three'
  await look()
  await look(true)
  expect(asked).toEqual([undefined, undefined, 'one', 'one', undefined, 'two'])
  await observe(docker, 'another', { keepsLast: true })
  expect(asked.at(-1)).toBeUndefined()
})

test('thinks about what is known while the engine looks, and has that itself where nothing has drifted', async () => {
  const answer = { Containers: [], Networks: [], Volumes: [], Images: {} }
  const happened: unknown[] = []
  let found: SameSnapshot | Snapshot = { Tag: 'known' }
  const docker = Object.assign(new FakeDocker(), {
    snapshot: async ({ Ahead, Tag }: { readonly Ahead?: boolean; readonly Tag?: string }) => {
      // Where it is written.
      await new Promise(process.nextTick)
      happened.push([Ahead, Tag])
      return Tag === 'known' ? found : { Tag: 'known', ...answer, ...(Ahead && { Begun: true as const }) }
    },
  })
  const thought: unknown[] = []
  const look = (keepsLast: boolean) =>
    observe(docker, 'ahead', {
      keepsLast,
      ahead: observed => {
        happened.push('thinks')
        thought.push(observed)
      },
    })
  const same = await look(false)
  expect(happened.splice(0)).toEqual([[true, undefined], [true, 'known'], 'thinks'])
  expect(same).toBe(thought[0])
  found = { Tag: 'other', ...answer }
  expect(await look(true)).not.toBe(thought[1])
  happened.splice(0)
  // What is known by its tag is not thought about again, until it is forgotten.
  await look(true)
  expect(happened.splice(0)).toEqual([[undefined, 'other']])
  forgetObserved()
  await look(true)
  expect(happened).toEqual([[true, undefined], [true, 'known'], 'thinks'])
})

test.each([
  ['does not know it', 'notFound'],
  ['gives us a part alone', 'unauthorized'],
] as const)('asks for each thing where the engine %s', async (_, kind) => {
  const docker = Object.assign(new FakeDocker(), {
    snapshot: () => Promise.reject(failure({ code: 'ENGINE_ERROR', kind, summary: 'no' })),
  })
  docker.addImage('example/web')
  expect(Object.keys((await observe(docker, PROJECT)).images)).toEqual(['example/web'])
})

test('tells what an endpoint was asked to have, of our own engine alone', () => {
  const front = {
    IPAMConfig: { IPv4Address: '10.0.0.2', LinkLocalIPs: ['169.254.8.8'] },
    Links: ['db:sql'],
    Aliases: ['web'],
    DriverOpts: { x: 'y' },
    MacAddress: '02:00:00:00:00:01',
    GwPriority: 3,
  }
  const inspect = {
    ...{ Id: 'a', Name: '/web', State: { Status: 'running' }, Config: {}, HostConfig: {} },
    NetworkSettings: {
      Networks: { front, back: { ...front, IPAMConfig: null, Links: null, Aliases: null } },
    },
  } as never
  const termsOf = (ours: boolean): unknown =>
    observedContainer(inspect, ours).networks.map(({ terms }) => terms)
  const rest = { driver_opts: { x: 'y' }, mac_address: '02:00:00:00:00:01', gw_priority: 3, ipv6_address: '' }
  expect(termsOf(true)).toEqual([
    {
      ...{ ...rest, ipv4_address: '10.0.0.2', link_local_ips: ['169.254.8.8'] },
      ...{ links: ['db:sql'], aliases: ['web'] },
    },
    { ...rest, ipv4_address: '', link_local_ips: [], links: [], aliases: [] },
  ])
  expect(termsOf(false)).toEqual([undefined, undefined])
})

test('tells what a container calls others on the default bridge, by the names that they have', () => {
  const linksIn = (Links: readonly string[] | null): unknown =>
    observedContainer(
      {
        ...{ Id: 'a', Name: '/web', State: { Status: 'running' }, Config: {}, HostConfig: { Links } },
        NetworkSettings: { Networks: {} },
      } as never,
      true,
    ).oldLinks
  expect(linksIn(['/lamp-db-1:/web/sql', '/lamp-db-1:/web/db-1'])).toEqual([
    'lamp-db-1:sql',
    'lamp-db-1:db-1',
  ])
  expect(linksIn(null)).toBeUndefined()
})

test('tells what of ours a container was made with, of our own engine alone', async () => {
  const docker = new FakeDocker()
  const make = (name: string, request: object): Promise<unknown> =>
    docker.createContainer({
      name,
      Image: 'example/web',
      Labels: { 'com.docker.compose.project': 'lamp', 'com.docker.compose.service': name },
      ...request,
    })
  await make('plain', {})
  await make('all', {
    Healthcheck: { Test: ['PROBE', 'tcp', '80'] },
    HostConfig: { TscomposeEgress: ['*'], TscomposeHostAccess: true, TscomposePublish: 'proxy' },
  })
  const told = async (foreignEngine: boolean): Promise<unknown> =>
    Object.fromEntries(
      (await observe(docker, PROJECT, { foreignEngine })).containers.map(each => [
        each.name,
        each.extensions,
      ]),
    )
  expect(await told(false)).toEqual({ plain: [], all: ['egress', 'host_access', 'probe', 'publish'] })
  expect(await told(true)).toEqual({ plain: undefined, all: undefined })
})
