import { describe, expect, test } from 'vitest'
import type { Port, Service } from '../../model/index.ts'
import type { Observed } from '../observed/observed.ts'
import { dependsOn, makeProject, type ProjectSketch } from '../testing/projects.ts'
import { emptyWorld, imageOf, simulate } from '../testing/simulate.ts'
import { planUp } from '../up/plan-up.ts'
import type { UpOptions } from './options.ts'

const PORTS = ['ExposedPorts', 'HostConfig.PortBindings', 'HostConfig.TscomposeEgress']

type Services = ProjectSketch['services']

const IMAGES = Object.fromEntries(['a', 'b', 'c', 'd'].map(name => [`example/${name}`, imageOf(name)]))
const on = (published: string, more: Partial<Port> = {}): Partial<Service> => ({
  ports: [{ target: 80, published, protocol: 'tcp', mode: 'ingress', ...more }],
})
const at = (address: string): Partial<Service> => ({ networks: { default: { ipv4_address: address } } })

function upped(services: Services, world: Observed = emptyWorld('lamp', IMAGES)): Observed {
  return simulate(planUp(makeProject({ services }), world), world)
}

/** Of the start of a service's first container: the stops that it comes behind. */
function stopsBefore(start: string, before: Services, after: Services, options: UpOptions = {}): string[] {
  const { operations } = planUp(makeProject({ services: after }), upped(before), options)
  const found = new Set<string>()
  const look = (id: string): void => {
    for (const next of operations.find(each => each.id === id)?.after ?? []) {
      if (found.has(next)) continue
      found.add(next)
      look(next)
    }
  }
  look(`container:lamp-${start}-1:start`)
  return [...found].filter(id => id.endsWith(':stop')).sort()
}

const STOPS = { a: 'container:lamp-a-1:stop', b: 'container:lamp-b-1:stop' }

describe('what one container can have at a time', () => {
  test.each<[string, Services, Services]>([
    ['a port', { a: on('80'), b: on('81') }, { a: on('82'), b: on('80') }],
    ['a port, which two change with each other', { a: on('80'), b: on('81') }, { a: on('81'), b: on('80') }],
    ['one of a range', { a: on('85'), b: on('81') }, { a: on('82'), b: on('80-89') }],
    [
      'a port of an address',
      { a: on('80', { host_ip: '127.0.0.1' }), b: {} },
      { a: {}, b: on('80', { host_ip: '127.0.0.1' }) },
    ],
    ['all addresses of a port', { a: on('80', { host_ip: '127.0.0.1' }), b: {} }, { a: {}, b: on('80') }],
    ['an address of a network', { a: at('10.0.0.5'), b: {} }, { a: at('10.0.0.6'), b: at('10.0.0.5') }],
  ])('is handed over once who had it is stopped: %s', (_, before, after) => {
    expect(stopsBefore('b', before, after)).toContain(STOPS.a)
  })

  test('two that change it with each other are both stopped first', () => {
    const [before, after] = [
      { a: on('80'), b: on('81') },
      { a: on('81'), b: on('80') },
    ]
    expect(stopsBefore('a', before, after)).toEqual([STOPS.a, STOPS.b])
    expect(stopsBefore('b', before, after)).toEqual([STOPS.a, STOPS.b])
  })

  test('goes from a container that nothing accounts for any more to one that is made', () => {
    expect(stopsBefore('b', { a: on('80') }, { b: on('80') }, { removeOrphans: true })).toEqual([STOPS.a])
  })

  test('is handed on against the order of dependencies', () => {
    const needs = (more: Partial<Service>): Partial<Service> => ({
      depends_on: { a: { ...dependsOn(), restart: true } },
      ...more,
    })
    const world = upped({ a: on('80'), b: needs(on('81')) })
    for (const [one, other] of [
      ['81', '80'],
      ['82', '80'],
      ['81', '82'],
    ] as const)
      upped({ a: on(one), b: needs(on(other)) }, world)
  })

  test.each<[string, Services, Services]>([
    ['another protocol', { a: on('80'), b: {} }, { a: {}, b: on('80', { protocol: 'udp' }) }],
    [
      'another address',
      { a: on('80', { host_ip: '127.0.0.1' }), b: {} },
      { a: {}, b: on('80', { host_ip: '127.0.0.2' }) },
    ],
    ['a port that the engine picks', { a: on('80'), b: {} }, { a: {}, b: { ports: [{ target: 80 }] } }],
  ])('nobody waits for %s', (_, before, after) => {
    expect(stopsBefore('b', before, after)).not.toContain(STOPS.a)
  })

  test('whatever goes round among four, in whatever order an engine does it', () => {
    const names = ['a', 'b', 'c', 'd']
    let seed = 7
    const draw = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    /** Each has one of these ports and addresses, or none. */
    const deal = (): Services => {
      const ports = ['80', '81', '82', '83', '84'].sort(() => draw(2) - 0.5)
      const addresses = [5, 6, 7, 8, 9].sort(() => draw(2) - 0.5)
      return Object.fromEntries(
        names.map((name, index) => [
          name,
          { ...on(ports[index] ?? ''), ...(draw(2) === 0 ? {} : at(`10.0.0.${addresses[index]}`)) },
        ]),
      )
    }
    let world = upped(deal())
    for (let round = 0; round < 100; round++) {
      const plan = planUp(makeProject({ services: deal() }), world)
      world = simulate(plan, world, { pick: draw })
      expect(world.containers.filter(({ state }) => state === 'running')).toHaveLength(4)
    }
  })
})

describe('ports of a container that runs', () => {
  const world = (services: Services): Observed =>
    simulate(planUp(makeProject({ services }), emptyWorld('lamp', IMAGES)), emptyWorld('lamp', IMAGES), {
      adapts: PORTS,
    })
  const ids = (services: Services, before: Observed, options: UpOptions = {}): string[] =>
    planUp(makeProject({ services }), before, options).operations.map(({ id }) => id)

  test('change without another container, and once', () => {
    const before = world({ a: on('80') })
    const after = makeProject({ services: { a: on('82') } })
    const plan = planUp(after, before)
    expect(plan.operations.map(({ id, action }) => `${id} ${action}`)).toEqual([
      'container:lamp-a-1:adapt update',
    ])
    expect(planUp(after, simulate(plan, before)).operations).toEqual([])
  })

  test('and where it goes change in one, of a container that is held already', () => {
    const goes = (port: string, ...egress: string[]) => ({ ...on(port), 'x-tscompose': { egress } })
    const before = world({ a: goes('80', '10.0.0.0/8') })
    const cause = (services: Services): string[] =>
      planUp(makeProject({ services }), before).operations.map(each => `${each.id}: ${each.cause}`)
    const adapted = 'container:lamp-a-1:adapt'
    expect(cause({ a: goes('80', 'one.example') })).toEqual([`${adapted}: configuration changed`])
    expect(cause({ a: goes('82', '10.0.0.0/8', '*') })).toEqual([`${adapted}: configuration changed`])
    expect(cause({ a: on('80') })[0]).toMatch('container:lamp-a-1:create')
  })

  test.each<[string, Services, UpOptions]>([
    ['where more changes than they', { a: { ...on('82'), environment: { A: '1' } } }, {}],
    ['where it is asked for', { a: on('82') }, { recreate: 'force' }],
  ])('change with a new container %s', (_, services, options) => {
    expect(ids(services, world({ a: on('80') }), options)).toContain('container:lamp-a-1:create')
  })

  test('are changed with each other by one that gives its own up first', () => {
    const [before, after] = [
      { a: on('80'), b: on('81') },
      { a: on('81'), b: on('80') },
    ]
    const there = world(before)
    const plan = planUp(makeProject({ services: after }), there)
    expect(plan.operations.map(({ id, after: behind }) => [id, behind])).toEqual([
      ['container:lamp-a-1:yield', []],
      ['container:lamp-b-1:adapt', ['container:lamp-a-1:yield']],
      ['container:lamp-a-1:adapt', ['container:lamp-b-1:adapt', 'container:lamp-a-1:yield']],
    ])
    expect(ids(after, simulate(plan, there))).toEqual([])
    // Cut off in between, what was given up is missed by the file of before, too.
    expect(ids(before, simulate(plan, there, { steps: 1 }))).toEqual(['container:lamp-a-1:adapt'])
  })

  test('are handed on by one that gets others', () => {
    const plan = planUp(
      makeProject({ services: { a: on('81'), b: on('82') } }),
      world({ a: on('80'), b: on('81') }),
    )
    expect(plan.operations.map(({ id, after }) => [id, after])).toEqual([
      ['container:lamp-b-1:adapt', []],
      ['container:lamp-a-1:adapt', ['container:lamp-b-1:adapt']],
    ])
  })

  test('go round among four that run, in whatever order an engine does it, and wherever it is cut off', () => {
    let seed = 11
    const draw = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    /** Some are made anew, some have two ports, some a range. */
    const deal = (): Services => {
      const ports = ['80', '81', '82', '83', '84', '85'].sort(() => draw(2) - 0.5)
      return Object.fromEntries(
        ['a', 'b', 'c', 'd'].map((name, index) => {
          const more = index < 2 ? on(ports[index + 4] ?? '', { target: 81 }).ports : []
          return [
            name,
            {
              ports: [...(on(ports[index] ?? '').ports ?? []), ...(more ?? [])],
              ...(draw(4) === 0 ? { environment: { A: String(draw(100)) } } : {}),
              ...(name === 'd' ? { depends_on: { a: { ...dependsOn(), restart: true } } } : {}),
            },
          ]
        }),
      )
    }
    let now = world(deal())
    let yielded = 0
    for (let round = 0; round < 200; round++) {
      const project = makeProject({ services: deal() })
      const plan = planUp(project, now)
      yielded += plan.operations.filter(({ id }) => id.endsWith(':yield')).length
      const cut = simulate(plan, now, {
        pick: draw,
        steps: draw(plan.operations.length + 1),
        adapts: PORTS,
      })
      now = simulate(planUp(project, cut), cut, { pick: draw, adapts: PORTS })
      expect(now.containers.filter(({ state }) => state === 'running')).toHaveLength(4)
      expect(planUp(project, now).operations).toEqual([])
    }
    expect(yielded).toBeGreaterThan(20)
  })

  test('are given up before another one starts with them', () => {
    const before = world({ a: on('80') })
    const plan = planUp(makeProject({ services: { a: on('82'), b: on('80') } }), before)
    const start = plan.operations.find(({ id }) => id === 'container:lamp-b-1:start')
    expect(start?.after).toContain('container:lamp-a-1:adapt')
  })

  test('stay as they are where the container is left alone', () => {
    expect(ids({ a: on('82') }, world({ a: on('80') }), { recreate: 'never' })).toEqual([])
  })
})
