import { describe, expect, it } from 'vitest'
import type { Service } from '../../model/index.ts'
import { type Plan, planToJson, planUp, type UpOptions } from '../index.ts'
import type { Observed } from '../observed/observed.ts'
import { makeProject, type ProjectSketch } from '../testing/projects.ts'
import { emptyWorld, imageOf, simulate } from '../testing/simulate.ts'

type Update = NonNullable<NonNullable<Service['deploy']>['update_config']>

const IMAGES = { 'example/web': imageOf('web') }
const PORT = { target: 80, published: '8080' }
const FIRST: Update = { order: 'start-first' }

function project(web: Partial<Service>, update: Update = FIRST, others: ProjectSketch['services'] = {}) {
  return makeProject({ services: { web: { ...web, deploy: { update_config: update } }, ...others } })
}

/** A project that runs on our engine. */
function running(web: Partial<Service>, update?: Update, others?: ProjectSketch['services']): Observed {
  const empty = emptyWorld('lamp', IMAGES)
  return simulate(planUp(project(web, update, others), empty), empty, { adapts: [] })
}

const changed = (web: Partial<Service>): Partial<Service> => ({ ...web, environment: { A: 'b' } })

/** `web-1:create`, … with what they wait for. */
function steps(before: Partial<Service>, update: Update = FIRST, options: UpOptions = {}): string[] {
  return planUp(project(changed(before), update), running(before, update), options).operations.map(({ id }) =>
    id.replace(/^container:(lamp-)?/, ''),
  )
}

/** Those that clients come to. */
const serving = ({ containers }: Observed): string[] =>
  containers.flatMap(({ name, state, ports, relief }) =>
    state === 'running' && ports.length > 0 && relief !== 'waiting' ? [name] : [],
  )

describe('order start-first', () => {
  it('has the new container take over before the old one is stopped', () => {
    expect(steps({ ports: [PORT] })).toEqual([
      'web-1:create',
      'web-1:start',
      'web-1:watch',
      'web-1:relieve',
      'web-1:drain',
      'web-1:stop',
      'web-1:remove',
      'web-1:rename',
    ])
  })

  it('never leaves the service without a container that runs, and is completed wherever it is cut off', () => {
    const before = running({ ports: [PORT] })
    const wanted = project(changed({ ports: [PORT] }))
    const plan = planUp(wanted, before)
    for (let cut = 0; cut <= plan.operations.length; cut++) {
      const world = simulate(plan, before, { adapts: [], steps: cut })
      expect(serving(world)).toHaveLength(1)
      const next = planUp(wanted, world)
      for (let again = 0; again <= next.operations.length; again++)
        expect(serving(simulate(next, world, { adapts: [], steps: again }))).toHaveLength(1)
      const then = simulate(next, world, { adapts: [] })
      expect(then.containers.map(({ name, relief }) => [name, relief])).toEqual([['lamp-web-1', undefined]])
      expect(planUp(wanted, then).operations).toEqual([])
    }
  })

  it.each<[string, (ready: number) => number]>([
    ['first', () => 0],
    ['last', ready => ready - 1],
  ])('serves at every step after two cuts at any with the file changed between, %s things first', (_, pick) => {
    const version = (mark: string) => project({ ports: [PORT], environment: { A: mark } })
    const stages = (plan: Plan, from: Observed): Observed[] =>
      Array.from({ length: plan.operations.length + 1 }, (_unused, steps) =>
        simulate(plan, from, { adapts: [], steps, pick }),
      )
    const cut = (mark: string, from: Observed): Observed[] => stages(planUp(version(mark), from), from)
    const twice = cut('2', running({ ports: [PORT] })).flatMap(once => cut('3', once))
    for (const world of twice)
      for (const mark of ['3', '4']) {
        const all = cut(mark, world)
        expect(all.map(each => serving(each).length)).toEqual(all.map(() => 1))
        const end = all.at(-1) ?? world
        expect(end.containers.map(({ name, relief }) => [name, relief])).toEqual([['lamp-web-1', undefined]])
        expect(planUp(version(mark), end).operations).toEqual([])
      }
  })

  it('keeps the one with the ports, whose own replacement waits beside it, whatever the two are called', () => {
    const version = (mark: string) => project({ ports: [PORT], environment: { A: mark } })
    const upTo = (last: string, mark: string, from: Observed): Observed => {
      const plan = planUp(version(mark), from)
      return simulate(plan, from, {
        adapts: [],
        steps: plan.operations.findIndex(({ id }) => id.endsWith(last)) + 1,
      })
    }
    const second = upTo(':relieve', '2', running({ ports: [PORT] }))
    const third = upTo(':start', '3', upTo('lamp-web-1:remove', '3', second))
    const [serves = ''] = serving(third)
    const world = {
      ...third,
      containers: third.containers.map(each =>
        each.relief === 'waiting' ? { ...each, name: '000000000000_lamp-web-1' } : each,
      ),
    }
    expect(world.containers.map(({ name }) => name).sort()).toEqual(['000000000000_lamp-web-1', serves])
    const order = planUp(version('3'), world).operations.map(({ id }) => id.replace('container:', ''))
    expect(order).toContain('000000000000_lamp-web-1:remove')
    expect(order.indexOf(`${serves}:stop`)).toBeGreaterThan(order.indexOf('lamp-web-1:relieve'))
    expect(order).toContain('lamp-web-1:relieve')
  })

  it('interrupts nobody', () => {
    const plan = planUp(project(changed({})), running({}))
    const told = planToJson(plan)['operations'] as { id: string; interrupts: boolean }[]
    expect(told.filter(({ interrupts }) => interrupts)).toEqual([])
  })

  it('replaces one that does not serve as by any other order', () => {
    const world = running({})
    const stopped = {
      ...world,
      containers: world.containers.map(each => ({ ...each, state: 'exited' as const })),
    }
    const { operations } = planUp(project(changed({})), stopped)
    expect(operations.map(({ type }) => type)).not.toContain('relieveContainer')
  })

  it('says where a Docker Engine is asked, which cannot', () => {
    const empty = emptyWorld('lamp', IMAGES)
    const foreign = simulate(planUp(project({}), empty), empty)
    const plan = planUp(project(changed({})), foreign)
    expect(plan.warnings.map(({ code }) => code)).toEqual(['START_FIRST_NOT_APPLIED'])
    expect(plan.operations.map(({ type }) => type)).not.toContain('relieveContainer')
  })

  it.each<[string, Partial<Service>, ProjectSketch['services'], string]>([
    [
      'has a fixed address',
      { networks: { default: { ipv4_address: '10.0.0.2' } } },
      {},
      'services.web.networks.default.ipv4_address',
    ],
    ['has a fixed MAC address', { mac_address: '02:00:00:00:00:01' }, {}, 'services.web.mac_address'],
    ['is in the network of the host', { network_mode: 'host' }, {}, 'services.web.network_mode'],
    [
      'has others in its network',
      {},
      { side: { network_mode: 'service:web' } },
      'services.side.network_mode',
    ],
  ])('is refused for one that %s, before anything is done', (_, web, others, path) => {
    const plan = planUp(project(changed(web), FIRST, others), running(web, FIRST, others))
    expect(plan.problems?.map(problem => [problem.code, problem.path])).toEqual([
      ['START_FIRST_IMPOSSIBLE', path],
    ])
  })

  it('warns of a volume that two have meanwhile', () => {
    const volumes: Service['volumes'] = [{ type: 'volume', source: 'data', target: '/data' }]
    const sketch = (web: Partial<Service>) =>
      makeProject({
        services: { web: { ...web, volumes, deploy: { update_config: FIRST } } },
        volumes: { data: {} },
      })
    const empty = emptyWorld('lamp', IMAGES)
    const world = simulate(planUp(sketch({}), empty), empty, { adapts: [] })
    expect(planUp(sketch(changed({})), world).warnings.map(({ code }) => code)).toEqual([
      'START_FIRST_VOLUME',
    ])
  })
})

describe('several replicas', () => {
  it.each<Update>([
    { ...FIRST, parallelism: 1 },
    { parallelism: 1 },
  ])('are replaced one after the other: %o', update => {
    const order = steps({ scale: 3 }, update)
    for (const [one, next] of [
      [1, 2],
      [2, 3],
    ])
      expect(order.indexOf(`web-${next}:create`)).toBeGreaterThan(order.indexOf(`web-${one}:watch`))
  })

  it('each take over what the one before has of a range of ports', () => {
    const web = { scale: 2, ports: [{ target: 80, published: '8080-8081', host_ip: '127.0.0.2' }] }
    const world = running(web)
    const containers = world.containers.map(each => ({
      ...each,
      ports: [{ hostIp: '127.0.0.2', number: 8079 + each.number, protocol: 'tcp' }],
    }))
    const relieve = planUp(project(changed(web)), { ...world, containers }).operations.find(
      ({ id }) => id === 'container:lamp-web-1:relieve',
    )
    expect(relieve?.after).toEqual(['container:lamp-web-1:watch'])
  })

  it('are replaced by groups, with a pause between', () => {
    const { operations } = planUp(
      project(changed({ scale: 3 }), { parallelism: 2, delay: '2s' }),
      running({ scale: 3 }, { parallelism: 2, delay: '2s' }),
    )
    const delay = operations.find(({ type }) => type === 'awaitDelay')
    expect(delay).toMatchObject({
      id: 'container:lamp-web-3:delay',
      milliseconds: 2000,
      after: ['container:lamp-web-1:watch', 'container:lamp-web-2:watch'],
    })
    expect(operations.find(({ id }) => id === 'container:lamp-web-3:create')?.after).toContain(delay?.id)
  })

  it.each<[Update, number]>([
    [{ parallelism: 1 }, 0],
    [{ parallelism: 1, failure_action: 'continue' }, 3],
    [{ parallelism: 1, max_failure_ratio: 0.4 }, 1],
  ])('of %o so many may fail: %i', (update, tolerates) => {
    const { operations } = planUp(project(changed({ scale: 3 }), update), running({ scale: 3 }, update))
    expect(
      new Set(operations.map(each => (each.type === 'awaitDelay' ? tolerates : each.update?.tolerates))),
    ).toEqual(new Set([tolerates]))
  })

  it('are replaced all at once, and not looked at, where nothing is said of it', () => {
    expect(steps({ scale: 2 }, {})).not.toContain('web-1:watch')
  })
})

it('how a service is updated is no part of what its containers are made from', () => {
  expect(planUp(project({}, { parallelism: 3, monitor: '1s' }), running({})).operations).toEqual([])
})
