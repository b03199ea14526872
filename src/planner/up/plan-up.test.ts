import { describe, expect, it } from 'vitest'
import type { ByteSize, Service, ServiceExtension } from '../../model/index.ts'
import { planDown, planUp, type RecreatePolicy, renderPlan, type UpOptions } from '../index.ts'
import type { Observed, ObservedContainer } from '../observed/observed.ts'
import { dependsOn, makeProject, type ProjectSketch } from '../testing/projects.ts'
import { emptyWorld, imageOf, simulate } from '../testing/simulate.ts'

const IMAGES = { 'example/web': imageOf('web'), 'example/db': imageOf('db', ['/var/lib/db']) }

function stack(web: Partial<Service> = {}, more: Partial<ProjectSketch> = {}): ProjectSketch {
  return {
    services: {
      web: { depends_on: { db: dependsOn() }, ...web },
      db: { volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
    },
    volumes: { data: {} },
    ...more,
  }
}

/** The world after `up` of a sketch. */
function upped(sketch: ProjectSketch, options: UpOptions = {}): Observed {
  const world = emptyWorld('lamp', IMAGES)
  return simulate(planUp(makeProject(sketch), world, options), world)
}

function rendered(sketch: ProjectSketch, world: Observed, options: UpOptions = {}): string[] {
  return renderPlan(planUp(makeProject(sketch), world, options))
    .split('\n')
    .filter(Boolean)
}

function ids(sketch: ProjectSketch, world: Observed, options: UpOptions = {}): string[] {
  return planUp(makeProject(sketch), world, options).operations.map(({ id }) => id)
}

function changed(world: Observed, name: string, change: Partial<ObservedContainer>): Observed {
  return {
    ...world,
    containers: world.containers.map(container =>
      container.name === name ? { ...container, ...change } : container,
    ),
  }
}

function shuffled(world: Observed): Observed {
  return {
    ...world,
    containers: [...world.containers].reverse(),
    networks: [...world.networks].reverse(),
    volumes: [...world.volumes].reverse(),
  }
}

it('makes containers of services that are called as what every object of JavaScript has', () => {
  const services = { constructor: { depends_on: { toString: dependsOn() } }, toString: {} }
  expect(ids({ services }, emptyWorld('lamp', {}), { scale: {} })).toEqual(
    expect.arrayContaining(['container:lamp-constructor-1:create', 'container:lamp-toString-1:create']),
  )
})

it('a container that is scaled away has its pre_stop hooks before its stop', () => {
  const service = { image: 'example/web', pre_stop: [{ command: ['drain'] }] }
  const sketch = (scale: number): ProjectSketch => ({ services: { web: { ...service, scale } } })
  expect(ids(sketch(1), upped(sketch(2)))).toEqual([
    'container:lamp-web-2:pre-stop-1',
    'container:lamp-web-2:stop',
    'container:lamp-web-2:remove',
  ])
})

it('a network that a container was taken off is told by its name', () => {
  const world = upped(stack())
  const containers = world.containers.map(each => (each.service === 'web' ? { ...each, networks: [] } : each))
  expect(rendered(stack(), { ...world, containers })).toEqual([
    '~ container lamp-web-1  networks.default: + lamp_default  (recreate)',
  ])
})

describe('up of a project that is not there', () => {
  it('makes networks, volumes and containers, and starts what others depend on first', () => {
    expect(rendered(stack(), emptyWorld('lamp', IMAGES))).toEqual([
      '+ network lamp_default  bridge',
      '+ volume lamp_data  local',
      '+ container lamp-db-1  image example/db',
      '+ container lamp-web-1  image example/web',
    ])
    const order = ids(stack(), emptyWorld('lamp', IMAGES))
    expect(order.indexOf('container:lamp-db-1:start')).toBeLessThan(
      order.indexOf('container:lamp-web-1:start'),
    )
  })

  it('gets every image before it makes anything', () => {
    const plan = planUp(makeProject(stack({ build: { context: '/web' } })), emptyWorld())
    const barrier = plan.operations.find(({ type }) => type === 'awaitImages')
    expect([...(barrier?.after ?? [])].sort()).toEqual(['image:example/db:pull', 'image:lamp-web:build'])
    for (const operation of plan.operations)
      if (operation.type.startsWith('create')) expect(operation.after).toContain(barrier?.id)
  })

  it('has edges in proportion to its services, however many images there are', () => {
    const edges = (count: number): number => {
      const services = Object.fromEntries(
        Array.from({ length: count }, (_value, at) => [
          `s${at}`,
          {
            image: `example/${at}`,
            build: { context: `/s${at}` },
            ...(at === 0 ? {} : { depends_on: { [`s${at - 1}`]: dependsOn('started') } }),
          },
        ]),
      )
      const { operations } = planUp(makeProject({ services }), emptyWorld(), { build: 'always' })
      return operations.reduce((sum, { after }) => sum + after.length, 0)
    }
    // A straight line through both, and nothing above it.
    expect(edges(200) - edges(100)).toBe(2 * (edges(100) - edges(50)))
  })

  it('waits for the health of a dependency', () => {
    const sketch = stack({ depends_on: { db: dependsOn('healthy') } })
    const plan = planUp(makeProject(sketch), emptyWorld('lamp', IMAGES))
    const start = plan.operations.find(({ id }) => id === 'container:lamp-web-1:start')
    expect(start?.after).toContain('container:lamp-db-1:wait-healthy')
  })

  it('creates without starting', () => {
    expect(rendered(stack(), emptyWorld('lamp', IMAGES), { start: false })).toContain(
      '+ container lamp-web-1  image example/web  (not started)',
    )
  })

  it('refuses what no plan can put right', () => {
    const external = { networks: { default: { name: 'corp', external: true } } }
    const code = (make: () => unknown): unknown => {
      try {
        return make()
      } catch (error) {
        return (error as { code?: string }).code
      }
    }
    const project = (sketch: ProjectSketch, options: UpOptions = {}): unknown =>
      code(() => planUp(makeProject(sketch), emptyWorld(), options))
    expect(project(stack({}, external))).toBe('EXTERNAL_NETWORK_NOT_FOUND')
    expect(project(stack({}, { volumes: { data: { external: true } } }))).toBe('EXTERNAL_VOLUME_NOT_FOUND')
    expect(project(stack({ pull_policy: 'never' }))).toBe('IMAGE_NOT_FOUND')
    expect(project(stack({ container_name: 'one' }), { scale: { web: 2 } })).toBe('CONTAINER_NAME_SCALED')
    expect(project(stack({}), { scale: { web: 99_999_999_999 } })).toBe('SCALE_TOO_LARGE')
    expect(project(stack(), { services: ['nope'] })).toBe('SERVICE_NOT_FOUND')
    expect(project(stack({}, { services: { a: { depends_on: { a: dependsOn() } } } }))).toBe(
      'DEPENDENCY_CYCLE',
    )
  })
})

describe('a budget of the project', () => {
  const limits = { memory: '1048576' as ByteSize, pids: 9 }
  const shared = stack({}, { limits })
  const budget = { Name: 'lamp', Memory: 1 << 20, NanoCpus: 0, PidsLimit: 9 }
  const told = changed(upped(shared), 'lamp-web-1', { budget })

  it('stays while it is as the file says, and where the engine tells nothing of it', () => {
    expect(rendered(shared, upped(shared))).toEqual([])
    expect(rendered(shared, told)).toEqual([])
  })

  it('is changed in one place, whichever services are meant', () => {
    const more = stack({}, { limits: { ...limits, cpus: 1.5, pids: 0 } })
    const { operations } = planUp(makeProject(more), told, { services: ['db'] })
    expect(operations.map(({ id }) => id)).toEqual(['container:lamp-web-1:budget'])
    expect(operations[0]).toMatchObject({
      fields: { TscomposeBudget: '{"Name":"lamp","Memory":1048576,"NanoCpus":1500000000,"PidsLimit":0}' },
      changes: [
        { path: 'x-tscompose.limits.cpus', from: undefined, to: '1.5' },
        { path: 'x-tscompose.limits.pids', from: '9', to: undefined },
      ],
    })
  })

  it('is lifted in place, and takes new containers where there was none', () => {
    expect(ids(stack(), told)).toEqual(['container:lamp-web-1:budget'])
    expect(rendered(shared, upped(stack()))).toEqual([
      expect.stringContaining('lamp-db-1  it does not share the limits of the project'),
      expect.stringContaining('lamp-web-1  it does not share the limits of the project'),
    ])
  })

  it('comes with those that are made anew', () => {
    const more = stack({ environment: { A: '1' } }, { limits: { pids: 10 } })
    expect(ids(more, told, { services: ['web'] })).not.toContain('container:lamp-web-1:budget')
  })
})

describe('up of a project that is there', () => {
  const cases: [string, ProjectSketch, ProjectSketch, string[], UpOptions?][] = [
    ['nothing changed', stack(), stack(), []],
    [
      'key order changed',
      stack({ environment: { A: '1', B: '2' } }),
      stack({ environment: { B: '2', A: '1' } }),
      [],
    ],
    ['dependencies changed', stack(), stack({ depends_on: {} }), []],
    ['a watch rule and a build changed', stack(), stack({ develop: { watch: [] } }), []],
    [
      'a variable changed',
      stack({ environment: { DEBUG: '0' } }),
      stack({ environment: { DEBUG: '1' } }),
      ['~ container lamp-web-1  environment.DEBUG: "0" → "1"  (recreate)'],
    ],
    [
      'a secret variable changed',
      stack({ environment: { DB_PASSWORD: 'old' } }),
      stack({ environment: { DB_PASSWORD: 'new' } }),
      ['~ container lamp-web-1  environment.DB_PASSWORD: secret changed  (recreate)'],
    ],
    [
      'a port was added',
      stack(),
      stack({ ports: [{ target: 80, published: '8080', protocol: 'tcp' }] }),
      ['~ container lamp-web-1  ports[80/tcp]: + 8080:80  (recreate)'],
    ],
    [
      'forced',
      stack(),
      stack(),
      [
        '~ container lamp-db-1  recreate forced  (recreate)',
        '~ container lamp-web-1  recreate forced  (recreate)',
      ],
      { recreate: 'force' },
    ],
    [
      'forced for one service',
      stack(),
      stack(),
      ['~ container lamp-web-1  recreate forced  (recreate)'],
      { recreate: 'force', services: ['web'] },
    ],
    ['changed but not to be recreated', stack(), stack({ tty: true }), [], { recreate: 'never' }],
    [
      'scaled up',
      stack(),
      stack({ scale: 3 }),
      ['+ container lamp-web-2  image example/web', '+ container lamp-web-3  image example/web'],
    ],
    [
      'scaled down',
      stack({ scale: 3 }),
      stack(),
      ['- container lamp-web-2  (remove: scaled to 1)', '- container lamp-web-3  (remove: scaled to 1)'],
    ],
    [
      'a network renamed',
      stack(),
      stack({}, { networks: { default: { name: 'other' } } }),
      [
        '+ network other  bridge',
        '~ container lamp-db-1  networks.default: + new  (recreate)',
        '~ container lamp-web-1  networks.default: + new  (recreate)',
      ],
    ],
    [
      'a network changed',
      stack(),
      stack({}, { networks: { default: { internal: true } } }),
      [
        '~ network lamp_default  internal: + true  (recreate)',
        '~ container lamp-db-1  network "lamp_default" is replaced  (restart)',
        '~ container lamp-web-1  network "lamp_default" is replaced  (restart)',
      ],
    ],
    [
      'a volume renamed',
      stack(),
      stack({}, { volumes: { data: { name: 'fresh' } } }),
      ['+ volume fresh  local', '~ container lamp-db-1  volumes[/data]: lamp_data → fresh  (recreate)'],
    ],
  ]
  it.each(cases)('%s', (_name, before, after, expected, options) => {
    const world = upped(before)
    const lines = rendered(after, world, options)
    expect([...lines].sort()).toEqual([...expected].sort())
    expect(rendered(after, shuffled(world), options)).toEqual(lines)
    const then = simulate(planUp(makeProject(after), world, options), world)
    if (options?.recreate === undefined) expect(rendered(after, then)).toEqual([])
  })

  it('starts what has stopped, and wakes what is paused', () => {
    const stopped = changed(upped(stack()), 'lamp-web-1', { state: 'exited', exitCode: 1 })
    expect(rendered(stack(), stopped)).toEqual(['~ container lamp-web-1  container is exited  (start)'])
    const paused = changed(upped(stack()), 'lamp-web-1', { state: 'paused' })
    expect(ids(stack(), paused)).toEqual(['container:lamp-web-1:unpause'])
  })

  it('makes the new container before it stops the old one', () => {
    const world = upped(stack())
    const plan = planUp(makeProject(stack({ tty: true })), world)
    expect(plan.operations.map(({ type }) => type)).toEqual([
      'createContainer',
      'stopContainer',
      'removeContainer',
      'renameContainer',
      'startContainer',
    ])
  })

  it('replaces a container whose image is another one now', () => {
    const world = { ...upped(stack()), images: { ...IMAGES, 'example/web': imageOf('newer') } }
    expect(rendered(stack(), world)[0]).toMatch(
      /^~ container lamp-web-1 {2}image: [0-9a-f]{12} → [0-9a-f]{12}/,
    )
  })

  it.each([
    ['tty', []],
    ['ports', []],
    ['userns_mode', ['~ container lamp-side-1  it uses the network of "web", which is replaced  (recreate)']],
    ['x-tscompose', ['~ container lamp-side-1  it uses the network of "web", which is replaced  (recreate)']],
  ])('leaves alone what stays in the network of a container that is replaced for its %s', (key, side) => {
    const values =
      {
        tty: [false, true],
        ports: [[], ['80']],
        userns_mode: [undefined, 'host'],
        'x-tscompose': [undefined, { egress: ['127.0.0.0/8'] }],
      }[key] ?? []
    const sketch = (value: unknown): ProjectSketch => ({
      services: {
        web: {
          [key]: key === 'ports' ? (value as string[]).map(target => ({ target: Number(target) })) : value,
        },
        side: {
          image: 'example/web',
          network_mode: 'service:web',
          depends_on: { web: dependsOn('started', { restart: true }) },
        },
      },
    })
    const world = upped(sketch(values[0]))
    const staying = world.containers.map(each =>
      each.service === 'side' ? { ...each, staysInNetwork: true as const } : each,
    )
    expect(rendered(sketch(values[1]), { ...world, containers: staying }).slice(1)).toEqual(side)
  })

  it.each([
    ['the network', { network_mode: 'service:web' }],
    ['the network', { network_mode: 'container:lamp-web-1' }],
    ['the volumes', { volumes_from: ['container:lamp-web-1:ro'] }],
  ])('replaces what shares %s of a replaced container: %j', (what, attributes) => {
    const sketch = (tty: boolean): ProjectSketch => ({
      services: {
        web: { tty },
        side: {
          image: 'example/web',
          ...attributes,
          depends_on: { web: dependsOn('started', { restart: true }) },
        },
      },
    })
    const world = upped(sketch(false))
    expect(rendered(sketch(true), world)).toEqual([
      '~ container lamp-web-1  tty: false → true  (recreate)',
      `~ container lamp-side-1  it uses ${what} of "web", which is replaced  (recreate)`,
    ])
    const create = planUp(makeProject(sketch(true)), upped({ services: {} })).operations.find(
      ({ id }) => id === 'container:lamp-side-1:create',
    )
    expect(create?.after).toContain('container:lamp-web-1:create')
    expect(rendered(sketch(true), simulate(planUp(makeProject(sketch(true)), world), world))).toEqual([])
  })

  it('does not replace a network that containers of others are on', () => {
    const up = upped(stack())
    const changed = makeProject(stack({}, { networks: { default: { internal: true } } }))
    const withOthers = (...others: readonly string[]): Observed => ({
      ...up,
      networks: up.networks.map(each => ({
        ...each,
        containers: [...each.containers, ...others.map(name => ({ id: name, name }))],
      })),
    })
    const problemsOf = (world: Observed): unknown => planUp(changed, world).problems?.map(({ code }) => code)
    expect(problemsOf(withOthers('guest', 'another'))).toEqual(['NETWORK_IN_USE'])
    expect(problemsOf(withOthers())).toBeUndefined()
    expect(planUp(makeProject(stack()), withOthers('guest')).problems).toBeUndefined()
  })

  it('has a container call so who is not there yet, on networks', () => {
    const { operations } = planUp(
      makeProject({ services: { db: {}, web: { links: ['db:store'] } } }),
      emptyWorld('lamp', IMAGES),
      { services: ['web'], noDeps: true },
    )
    const create = operations.find(({ type }) => type === 'createContainer')
    expect(create?.type === 'createContainer' && create.networks[0]?.links).toEqual(
      ['store', 'db-1', 'lamp-db-1'].map(alias => `lamp-db-1:${alias}`),
    )
  })

  it('makes a container that calls another by links of the default bridge behind that one, and anew with it', () => {
    const sketch = (tty: boolean, replicas = 1): ProjectSketch => ({
      services: {
        web: { tty, network_mode: 'bridge', deploy: { replicas } },
        side: {
          image: 'example/web',
          network_mode: 'bridge',
          links: ['web:front'],
          external_links: ['lamp-web-1:alone', 'others:far'],
          depends_on: { web: dependsOn('started', { restart: true }) },
        },
      },
    })
    const linksIn = (world: Observed): readonly string[] | undefined =>
      world.containers.find(({ service }) => service === 'side')?.oldLinks
    const [stranger] = upped({ services: { web: {} } }).containers
    const others = {
      ...emptyWorld('lamp', IMAGES),
      containers: [{ ...stranger, service: '', name: 'others' }],
    }
    const world = simulate(planUp(makeProject(sketch(false)), emptyWorld('lamp', IMAGES)), others as Observed)
    const names = ['front', 'web-1', 'lamp-web-1', 'alone'].map(alias => `lamp-web-1:${alias}`)
    expect(linksIn(world)).toEqual([...names, 'others:far'])
    expect(rendered(sketch(false), world)).toEqual([])
    expect(rendered(sketch(true), world)).toEqual([
      '~ container lamp-web-1  tty: false → true  (recreate)',
      '~ container lamp-side-1  it uses the addresses of "web", which is replaced  (recreate)',
    ])
    const after = simulate(planUp(makeProject(sketch(true)), world), world)
    expect([rendered(sketch(true), after), linksIn(after)]).toEqual([[], linksIn(world)])
    const grown = simulate(planUp(makeProject(sketch(true, 2)), after), after)
    expect([rendered(sketch(true, 2), grown), linksIn(grown)?.length]).toEqual([[], 8])
    const gone = world.containers.map(each =>
      each.service === 'side' ? { ...each, oldLinks: ['0123:front'] } : each,
    )
    expect(rendered(sketch(false), { ...world, containers: gone }).map(line => line.slice(0, 24))).toEqual([
      '~ container lamp-side-1 ',
    ])
  })

  it('stops dependents with "restart: true" before, and starts them after', () => {
    const sketch = (tty: boolean): ProjectSketch => ({
      services: { web: { depends_on: { db: dependsOn('started', { restart: true }) } }, db: { tty } },
    })
    const order = ids(sketch(true), upped(sketch(false)))
    const at = (id: string): number => order.indexOf(`container:lamp-${id}`)
    expect(at('web-1:stop')).toBeGreaterThanOrEqual(0)
    expect(at('web-1:stop')).toBeLessThan(at('db-1:stop'))
    expect(at('db-1:start')).toBeLessThan(at('web-1:start'))
    expect(order).not.toContain('container:lamp-web-1:create')
  })

  it('keeps anonymous volumes, unless told not to', () => {
    const anonymous = 'f'.repeat(64)
    const world = changed(upped(stack()), 'lamp-db-1', {
      mounts: [
        { type: 'volume', name: 'lamp_data', source: '', target: '/data' },
        { type: 'volume', name: anonymous, source: '', target: '/var/lib/db' },
        { type: 'volume', name: 'e'.repeat(64), source: '', target: '/gone' },
      ],
    })
    const inherited = (options: UpOptions): (string[] | undefined)[] =>
      planUp(makeProject(stack()), world, { recreate: 'force', ...options }).operations.flatMap(operation =>
        operation.type === 'createContainer' && operation.serviceName === 'db'
          ? [operation.inheritedVolumes.map(({ name }) => name)]
          : [],
      )
    expect(inherited({})).toEqual([[anonymous]])
    expect(inherited({ renewAnonymousVolumes: true })).toEqual([[]])
  })

  it('repairs drift with a restart and says what it is', () => {
    const world = changed(upped(stack()), 'lamp-web-1', {
      drift: [{ path: 'cgroup.memory.max', want: '1024', got: 'max' }],
    })
    expect(rendered(stack(), world)).toEqual([
      '~ container lamp-web-1  cgroup.memory.max is max in the kernel, not 1024  (restart)',
    ])
  })

  it('has the engine put right where it stands what it can, networks before those that are on them', () => {
    const drift = [{ path: 'link.state', want: 'up', got: 'down', repair: 'place' }] as const
    const up = upped(stack())
    const networks = up.networks.map(network =>
      network.name === 'lamp_default' ? { ...network, drift } : network,
    )
    const world = changed({ ...up, networks }, 'lamp-web-1', { drift })
    expect(rendered(stack(), world)).toEqual([
      '~ network lamp_default  link.state: down → up  (repair)',
      '~ container lamp-web-1  link.state: down → up  (repair)',
    ])
    const { operations } = planUp(makeProject(stack()), world)
    expect(operations.map(({ id, after }) => [id, after])).toEqual([
      ['network:lamp_default:repair', []],
      ['container:lamp-web-1:repair', ['network:lamp_default:repair']],
    ])
    // One that is replaced or restarted has it right then.
    expect(rendered(stack(), world, { recreate: 'force' }).join()).not.toContain('container lamp-web-1  link')
  })

  it('warns of what cannot be put right while a container runs, and leaves it', () => {
    const drift = [{ path: 'capabilities', want: 'none', got: 'NET_ADMIN', repair: 'none' }] as const
    const plan = planUp(makeProject(stack()), changed(upped(stack()), 'lamp-web-1', { drift }))
    expect([plan.operations, plan.warnings.map(({ code }) => code)]).toEqual([[], ['DRIFT_STAYS']])
    expect(plan.warnings[0]?.hint).toBe('tscompose up -d --force-recreate web')
  })

  it('does not hint at a new container alone where what is mounted is gone from the host', () => {
    const drift = [
      { path: 'mount./data', want: '/srv', got: '/srv, which was removed', repair: 'none' },
    ] as const
    const { warnings } = planUp(makeProject(stack()), changed(upped(stack()), 'lamp-web-1', { drift }))
    expect(warnings[0]?.hint).toMatch(/^see first that the host has what is mounted there, then tscompose up/)
  })

  it('says of what could not be looked at that nobody knows, and leaves it', () => {
    const drift = [
      { path: 'unseen', want: 'as it was made', got: 'not to be read', repair: 'unseen' },
    ] as const
    const world = upped(stack())
    const networks = world.networks.map(each => ({ ...each, drift }))
    const plan = planUp(makeProject(stack()), { ...changed(world, 'lamp-web-1', { drift }), networks })
    expect(plan.operations).toEqual([])
    expect(plan.warnings.map(({ code }) => code)).toEqual(['DRIFT_UNSEEN', 'DRIFT_UNSEEN'])
  })

  it('takes back what an update changed, in place where an engine can', () => {
    const memory = { path: 'mem_limit', want: '104857600', got: '52428800', field: 'Memory' }
    const updated = (repair: 'update' | 'recreate') =>
      changed(upped(stack()), 'lamp-web-1', { drift: [{ ...memory, repair }] })
    expect(rendered(stack(), updated('update'))).toEqual([
      '~ container lamp-web-1  mem_limit: 50m → 100m  (update)',
    ])
    expect(rendered(stack(), updated('recreate'))[0]).toContain('(recreate)')
  })

  it('gives a container its name back, unless another one of the project has it', () => {
    const world = upped(stack())
    const renamed = changed(world, 'lamp-web-1', { name: 'mine' })
    expect(rendered(stack(), renamed)).toEqual(['~ container lamp-web-1  name: mine → lamp-web-1  (update)'])
    expect(rendered(stack(), renamed, { recreate: 'never' })).toEqual([])
  })

  it('tells that an option of a volume changed, not what it is, nor keeps it in a label', () => {
    const share = (o: string): ProjectSketch => stack({}, { volumes: { data: { driver_opts: { o } } } })
    const world = upped(share('password=hush'))
    expect(JSON.stringify(world.volumes.map(({ spec }) => spec))).not.toContain('hush')
    expect(planUp(makeProject(share('password=hush')), world).divergedVolumes).toEqual([])
    expect(planUp(makeProject(share('password=other')), world).divergedVolumes).toEqual([
      { name: 'lamp_data', changes: [{ path: 'driver_opts.o', from: '(hidden)', to: '(hidden)' }] },
    ])
  })

  it('leaves a diverged volume alone until its loss is agreed to', () => {
    const wanted = stack({}, { volumes: { data: { driver_opts: { type: 'tmpfs' } } } })
    const world = upped(stack())
    const plan = planUp(makeProject(wanted), world)
    expect(plan.operations).toEqual([])
    expect(plan.divergedVolumes.map(({ name }) => name)).toEqual(['lamp_data'])
    const agreed: UpOptions = { recreateVolumes: ['lamp_data'] }
    const then = simulate(planUp(makeProject(wanted), world, agreed), world)
    expect(planUp(makeProject(wanted), then)).toMatchObject({ operations: [], divergedVolumes: [] })
    expect(then.containers.map(({ state }) => state)).toEqual(['running', 'running'])
  })
})

describe('up --build', () => {
  const sketch = stack({ build: { context: '/web' } })

  it('is one plan: what a rebuilt image would change is in it under a condition', () => {
    const world = upped(sketch)
    expect(rendered(sketch, world, { build: 'always' })).toEqual([
      '+ image lamp-web  --build  (build)',
      '? container lamp-web-1  image may change  (recreate if image lamp-web is another one then)',
    ])
  })

  it.each(['same', 'other'])('replaces the container only if the image is another one: %s', outcome => {
    const world = upped(sketch)
    const id = world.containers.find(({ service }) => service === 'web')?.id
    const images = outcome === 'same' ? {} : { 'lamp-web': imageOf('rebuilt') }
    const plan = planUp(makeProject(sketch), world, { build: 'always' })
    const then = simulate(plan, world, { images })
    const after = then.containers.find(({ service }) => service === 'web')
    expect(after?.id === id).toBe(outcome === 'same')
    expect(after).toMatchObject({ name: 'lamp-web-1', state: 'running' })
    expect(rendered(sketch, then)).toEqual([])
  })

  it('tries a pull before a build where a service has both', () => {
    const both = stack({ build: { context: '/web' }, image: 'example/built' })
    expect(ids(both, emptyWorld('lamp', IMAGES)).slice(0, 2)).toEqual([
      'image:example/built:pull',
      'image:example/built:build',
    ])
  })

  it('builds first what another build takes as context', () => {
    const chained = stack(
      { build: { context: '/web', additional_contexts: { base: 'service:base' } } },
      { disabled: { base: { build: { context: '/base' } } } },
    )
    expect(ids(chained, emptyWorld('lamp', IMAGES)).slice(0, 2)).toEqual([
      'image:lamp-base:build',
      'image:lamp-web:build',
    ])
  })
})

describe('pull policies', () => {
  const at = (hours: number): string => new Date(Date.UTC(2026, 0, 1, -hours)).toISOString()
  it.each([
    ['missing', at(1000), false],
    ['always', at(0), true],
    ['daily', at(23), false],
    ['daily', at(25), true],
    ['weekly', at(100), false],
    ['every_12h', at(13), true],
  ])('%s with an image of %s', (pull_policy, lastTagged, isPulled) => {
    const images = { ...IMAGES, 'example/web': { ...imageOf('web'), lastTagged } }
    const order = ids(stack({ pull_policy }), { ...emptyWorld(), images }, { now: Date.UTC(2026, 0, 1) })
    expect(order.includes('image:example/web:pull')).toBe(isPulled)
  })
})

describe('one-shot services', () => {
  const sketch: ProjectSketch = {
    services: {
      migrate: { image: 'example/db' },
      web: { depends_on: { migrate: dependsOn('completed_successfully') } },
    },
  }
  const done = (world: Observed): Observed =>
    changed(world, 'lamp-migrate-1', { state: 'exited', exitCode: 0 })

  it('run again at each up, which waits for them and leaves those who need them alone', () => {
    expect(ids(sketch, done(upped(sketch)))).toEqual([
      'container:lamp-migrate-1:start',
      'container:lamp-migrate-1:wait-completed',
    ])
    expect(rendered(sketch, done(upped(sketch)))).toEqual([
      '~ container lamp-migrate-1  others need it completed, at each up  (start)',
    ])
  })

  it('are left alone by an up that changes nothing where they say so', () => {
    const once = (extension: ServiceExtension): ProjectSketch => ({
      services: { ...sketch.services, migrate: { image: 'example/db', 'x-tscompose': extension } },
    })
    const quiet = once({ run_once: true })
    expect(rendered(quiet, done(upped(quiet)))).toEqual([])
    const world = changed(done(upped(quiet)), 'lamp-web-1', { state: 'exited', exitCode: 0 })
    expect(ids(quiet, world)).toContain('container:lamp-migrate-1:start')
    expect(ids(quiet, changed(upped(quiet), 'lamp-migrate-1', { state: 'exited', exitCode: 3 }))).toContain(
      'container:lamp-migrate-1:start',
    )
    for (const off of [{ run_once: false }, {}])
      expect(ids(once(off), done(upped(once(off))))).toContain('container:lamp-migrate-1:start')
  })

  it('are not awaited by a create', () => {
    expect(ids(sketch, done(upped(sketch)), { start: false })).toEqual([])
  })

  it('run again before those are started again', () => {
    const world = changed(done(upped(sketch)), 'lamp-web-1', { state: 'exited', exitCode: 0 })
    expect(ids(sketch, world)).toEqual([
      'container:lamp-migrate-1:start',
      'container:lamp-migrate-1:wait-completed',
      'container:lamp-web-1:start',
    ])
  })

  it('run again after a failure', () => {
    const world = changed(upped(sketch), 'lamp-migrate-1', { state: 'exited', exitCode: 3 })
    expect(ids(sketch, world)).toContain('container:lamp-migrate-1:start')
  })
})

describe('orphans', () => {
  const two = stack()
  const one: ProjectSketch = { services: { db: two.services['db'] ?? {} }, volumes: { data: {} } }

  it('are warned of, ignored, or removed', () => {
    const world = upped(two)
    const codes = (options: UpOptions): string[] =>
      planUp(makeProject(one), world, options).warnings.map(({ code }) => code)
    expect(codes({})).toEqual(['ORPHAN_CONTAINERS'])
    expect(codes({ ignoreOrphans: true })).toEqual([])
    expect(rendered(one, world, { removeOrphans: true })).toEqual([
      '- container lamp-web-1  (remove: no service accounts for it)',
    ])
    const { operations } = planUp(makeProject(one), world, { removeOrphans: true })
    expect(operations.findLast(({ type }) => type === 'removeContainer')).toHaveProperty('forget', true)
  })

  it('are not the containers of services that a profile disables', () => {
    const disabled = { ...one, disabled: { web: {} } }
    expect(planUp(makeProject(disabled), upped(two)).warnings).toEqual([])
  })
})

describe('a replacement that was cut off', () => {
  const before = stack()
  const after = stack({ tty: true })
  const world = upped(before)
  const length = planUp(makeProject(after), world).operations.length
  it.each(Array.from({ length: length + 1 }, (_, steps) => steps))('converges after %i operations', steps => {
    const policies: RecreatePolicy[] = ['diverged', 'force']
    for (const recreate of policies) {
      const cut = simulate(planUp(makeProject(after), world, { recreate }), world, { steps })
      const then = simulate(planUp(makeProject(after), cut), cut)
      expect(rendered(after, then)).toEqual([])
      expect(then.containers.map(({ name }) => name).sort()).toEqual(['lamp-db-1', 'lamp-web-1'])
      const down = simulate(planDown(makeProject(after), cut, { volumes: true }), cut)
      expect(down).toMatchObject({ containers: [], networks: [], volumes: [] })
    }
  })
})

describe('hooks', () => {
  it('run behind the start, and before it when no replica runs', () => {
    const sketch = stack({
      post_start: [{ command: ['a'] }, { command: ['b'] }],
      pre_start: [{ command: ['c'] }],
    })
    const order = ids(sketch, emptyWorld('lamp', IMAGES)).filter(id => id.includes('web'))
    expect(order).toEqual([
      'container:lamp-web-1:create',
      'container:lamp-web-pre-start-1:run',
      'container:lamp-web-1:start',
      'container:lamp-web-1:post-start-1',
      'container:lamp-web-1:post-start-2',
    ])
    expect(rendered(sketch, upped(sketch))).toEqual([])
  })
})
