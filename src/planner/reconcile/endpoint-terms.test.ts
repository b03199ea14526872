import { describe, expect, test } from 'vitest'
import type { Service } from '../../model/index.ts'
import type { EndpointTerms, Observed, ObservedContainer } from '../observed/observed.ts'
import { dependsOn, makeProject } from '../testing/projects.ts'
import { emptyWorld, imageOf, simulate } from '../testing/simulate.ts'
import { planUp } from '../up/plan-up.ts'
import type { UpOptions } from './options.ts'

const IMAGES = { 'example/web': imageOf('web'), 'example/db': imageOf('db') }
const ADAPTS = ['EndpointsConfig', 'Labels']
const WEB: Partial<Service> = {
  networks: {
    front: {
      aliases: ['shop'],
      priority: 5,
      interface_name: 'up0',
      driver_opts: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.log_martians=1' },
      ipv4_address: '10.1.0.5',
      ipv6_address: 'fd00::5',
      link_local_ips: ['169.254.8.8'],
      gw_priority: 1,
    },
    back: null,
  },
  mac_address: '02-42-AC-11-00-05',
  links: ['db:sql'],
  external_links: ['other:o'],
  depends_on: { db: dependsOn('started') },
}
const NETWORKS = { front: { ipam: { config: [{ subnet: '10.1.0.0/24' }] } }, back: {} }
const PROJECT = makeProject({
  services: { web: WEB, db: { networks: { back: null, front: null } } },
  networks: NETWORKS,
})

function upped(options: UpOptions = {}): Observed {
  const world = emptyWorld('lamp', IMAGES)
  return simulate(planUp(PROJECT, world, options), world, { adapts: ADAPTS })
}

/** With other terms on the front network, as somebody would leave them who has taken the container off and put it on again. */
function rejoined(
  world: Observed,
  change: Partial<EndpointTerms>,
  more: Partial<ObservedContainer> = {},
): Observed {
  const containers = world.containers.map(each =>
    each.service !== 'web'
      ? each
      : {
          ...each,
          ...more,
          networks: each.networks.map(network =>
            network.name === 'lamp_front' && network.terms !== undefined
              ? { ...network, terms: { ...network.terms, ...change } }
              : network,
          ),
        },
  )
  return { ...world, containers }
}

const termsOn = ({ containers }: Observed, name: string): unknown =>
  containers.find(({ service }) => service === 'web')?.networks.find(each => each.name === name)?.terms

describe('what somebody has changed of an endpoint', () => {
  test.each<[string, Partial<EndpointTerms>]>([
    ['links', { links: [] }],
    ['links', { links: ['lamp-db-1:other'] }],
    ['aliases', { aliases: [] }],
    ['driver_opts', { driver_opts: {} }],
    ['ipv4_address', { ipv4_address: '' }],
    ['ipv6_address', { ipv6_address: undefined }],
    ['link_local_ips', { link_local_ips: [] }],
    ['mac_address', { mac_address: '02:42:ac:11:00:99' }],
    ['gw_priority', { gw_priority: 0 }],
  ])('is put right while it runs: %s %j', (name, change) => {
    const before = upped()
    const changed = rejoined(before, change)
    const plan = planUp(PROJECT, changed)
    expect(plan.operations).toMatchObject([
      { type: 'adaptContainer', fields: ['EndpointsConfig'], changes: [{ path: `networks.front.${name}` }] },
    ])
    const after = simulate(plan, changed, { adapts: ADAPTS })
    expect(termsOn(after, 'lamp_front')).toEqual(termsOn(before, 'lamp_front'))
    expect(planUp(PROJECT, after).operations).toEqual([])
  })

  test.each<[string, Partial<EndpointTerms>]>([
    ['further names', { aliases: ['web', 'shop', 'extra'] }],
    ['another spelling', { mac_address: '02:42:AC:11:00:05' }],
    ['another order', { links: ['other:o', 'lamp-db-1:lamp-db-1', 'lamp-db-1:db-1', 'lamp-db-1:sql'] }],
  ])('is none of these: %s', (_, change) => {
    expect(planUp(PROJECT, rejoined(upped(), change)).operations).toEqual([])
  })

  test('is put right of one that does not run before it starts, without another one', () => {
    const stopped = rejoined(upped(), { links: [] }, { state: 'exited' })
    const { operations } = planUp(PROJECT, stopped)
    expect(operations.map(({ id, after }) => [id, after])).toEqual([
      ['container:lamp-web-1:adapt', []],
      ['container:lamp-web-1:start', ['container:lamp-web-1:adapt']],
    ])
  })

  test('comes beside what the file changes', () => {
    const before = rejoined(upped(), { links: [] })
    const labelled = makeProject({
      services: { ...PROJECT.model.services, web: { ...WEB, labels: { a: 'b' } } },
      networks: NETWORKS,
    })
    const plan = planUp(labelled, before)
    expect(plan.operations).toMatchObject([{ type: 'adaptContainer', fields: ['Labels', 'EndpointsConfig'] }])
  })
})

test('a link means all the containers of its service: those that come, those that go', () => {
  const one = upped()
  const plan = planUp(PROJECT, one, { scale: { db: 2 } })
  const adapts = plan.operations.filter(({ type }) => type === 'adaptContainer')
  expect(adapts.map(({ id }) => id)).toEqual(['container:lamp-web-1:adapt'])
  const two = simulate(plan, one, { adapts: ADAPTS })
  expect(JSON.stringify(termsOn(two, 'lamp_back'))).toContain('lamp-db-2:sql')
  expect(simulate(planUp(PROJECT, two), two, { adapts: ADAPTS }).containers.map(({ name }) => name)).toEqual([
    'lamp-db-1',
    'lamp-web-1',
  ])
})

test('a network that is made anew is joined as before, with all that an endpoint has, the one with the gateway first', () => {
  const before = upped()
  const drift = [{ path: 'routes', want: '10.1.0.0/24', got: 'up0', repair: 'recreate' } as const]
  const moved = { ...before, networks: before.networks.map(each => ({ ...each, drift })) }
  const plan = planUp(PROJECT, moved)
  const connects = plan.operations.filter(({ id }) => id.startsWith('container:lamp-web-1:connect:'))
  expect(connects.map(({ id }) => id)).toEqual([
    'container:lamp-web-1:connect:lamp_front',
    'container:lamp-web-1:connect:lamp_back',
  ])
  expect(connects[1]?.after).toContain('container:lamp-web-1:connect:lamp_front')
  const after = simulate(plan, moved, { adapts: ADAPTS })
  for (const name of ['lamp_front', 'lamp_back']) expect(termsOn(after, name)).toEqual(termsOn(before, name))
  expect(planUp(PROJECT, after).operations).toEqual([])
})

test('a container that does not run is held against an external network that was made anew, too', () => {
  const project = makeProject({
    services: { web: { networks: { default: null } } },
    networks: { default: { name: 'corp', external: true } },
  })
  const corp = (id: string): Observed => ({
    ...emptyWorld('lamp', IMAGES),
    networks: [
      { id, name: 'corp', key: '', project: '', driver: 'bridge', configHash: '', containers: [], drift: [] },
    ],
  })
  const up = simulate(planUp(project, corp('1')), corp('1'))
  const stopped = { ...up, containers: up.containers.map(each => ({ ...each, state: 'exited' as const })) }
  expect(planUp(project, stopped).operations.map(({ type }) => type)).toEqual(['startContainer'])
  const anew = { ...stopped, networks: corp('2').networks }
  expect(planUp(project, anew).operations.map(({ type }) => type)).toContain('createContainer')
})
