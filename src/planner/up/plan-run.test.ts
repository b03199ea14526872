import { expect, test } from 'vitest'
import { oneOffService, planRun, planUp, type RunOptions } from '../index.ts'
import type { Observed } from '../observed/observed.ts'
import { dependsOn, makeProject, type ProjectSketch } from '../testing/projects.ts'
import { emptyWorld, simulate } from '../testing/simulate.ts'

const SLUG = 'ab'.repeat(32)
const PLAIN = { tty: false, stdinOpen: true }
const SKETCH: ProjectSketch = {
  services: {
    db: { image: 'example/db' },
    migrate: { image: 'example/db', depends_on: { db: dependsOn('healthy') } },
    web: {
      restart: 'always',
      container_name: 'the-web',
      command: ['serve'],
      entrypoint: ['/init'],
      ports: [{ target: 80, published: '8080', protocol: 'tcp', mode: 'ingress' }],
      environment: { A: '1', B: '1' },
      labels: { mine: 'yes' },
      volumes: [{ type: 'volume', target: '/data' }],
      deploy: { replicas: 3, restart_policy: { condition: 'any' } },
      networks: { default: { aliases: ['www'] } },
      depends_on: { migrate: dependsOn('completed_successfully') },
    },
    other: {},
  },
}

const planOf = (options: Partial<RunOptions> = {}, world: Observed = emptyWorld()) => {
  const project = makeProject(SKETCH)
  const web = project.model.services['web']
  if (web === undefined) throw new Error('no web')
  return planRun(project, world, {
    service: 'web',
    definition: oneOffService(web, PLAIN),
    slug: SLUG,
    ...options,
  })
}
const ids = (plan: ReturnType<typeof planOf>): string[] => plan.operations.map(({ id }) => id)
const created = (plan: ReturnType<typeof planOf>) => {
  const operation = plan.operations.find(each => each.type === 'createContainer' && each.oneOff)
  if (operation?.type !== 'createContainer') throw new Error('nothing is created')
  return operation
}

test('what the service depends on comes first and is waited for; the service itself and others stay away', () => {
  const name = 'lamp-web-run-abababababab'
  expect(ids(planOf()).filter(id => id.startsWith('container:'))).toEqual([
    'container:lamp-db-1:create',
    'container:lamp-migrate-1:create',
    'container:lamp-db-1:start',
    'container:lamp-db-1:wait-healthy',
    'container:lamp-migrate-1:start',
    `container:${name}:create`,
    'container:lamp-migrate-1:wait-completed',
    `container:${name}:start`,
  ])
  expect(ids(planOf({ noDeps: true })).filter(id => id.startsWith('container:'))).toEqual([
    `container:${name}:create`,
    `container:${name}:start`,
  ])
  expect(ids(planOf({ name: 'mine' }))).toContain('container:mine:start')
})

test('containers of the service are left alone, and a one-off is none of them for the next up', () => {
  const project = makeProject({ services: { web: {} } })
  const up = simulate(planUp(project, emptyWorld()), emptyWorld())
  const definition = oneOffService(project.model.services['web'] ?? ({} as never), PLAIN)
  const plan = planRun(project, up, { service: 'web', definition, slug: SLUG })
  expect(ids(plan)).toEqual([
    'container:lamp-web-run-abababababab:create',
    'container:lamp-web-run-abababababab:start',
  ])
  expect(planUp(project, simulate(plan, up))).toMatchObject({ operations: [], warnings: [] })
})

test('it has Docker Compose’s labels, its own name alone in its networks, and no spec to compare', () => {
  const { labels, networks, number, run } = created(planOf({ autoRemove: true, attached: true }))
  expect(labels).toMatchObject({
    'com.docker.compose.oneoff': 'True',
    'com.docker.compose.slug': SLUG,
    'com.docker.compose.service': 'web',
    mine: 'yes',
  })
  for (const absent of ['com.docker.compose.container-number', 'com.tscompose.spec'])
    expect(labels[absent]).toBeUndefined()
  expect(labels['com.docker.compose.config-hash']).toMatch(/^[0-9a-f]{64}$/)
  expect(networks.map(({ aliases }) => aliases)).toEqual([['lamp-web-run-abababababab']])
  expect(created(planOf({ useAliases: true })).networks[0]?.aliases).toEqual(
    expect.arrayContaining(['web', 'www']),
  )
  expect([number, run]).toEqual([0, { autoRemove: true, maker: SLUG, attached: true }])
})

test('the service is run without its ports, restarts and number of replicas; what is said adds to it or takes its place', () => {
  const web = makeProject(SKETCH).model.services['web']
  if (web === undefined) throw new Error('no web')
  const plain = oneOffService(web, PLAIN)
  expect(plain).toMatchObject({ command: ['serve'], entrypoint: ['/init'], tty: false, stdin_open: true })
  expect([plain.restart, plain.ports, plain.container_name, plain.deploy]).toEqual([
    undefined,
    undefined,
    undefined,
    { replicas: 3 },
  ])
  expect(oneOffService(web, { ...PLAIN, servicePorts: true }).ports).toEqual(web.ports)
  expect(oneOffService(web, { ...PLAIN, command: ['sh'] })).toMatchObject({
    command: ['sh'],
    entrypoint: ['/init'],
  })
  const overrides = {
    entrypoint: ['sh', '-c'],
    environment: { B: '2' },
    labels: { mine: 'no' },
    volumes: [{ type: 'bind', source: '/srv', target: '/data' }],
  } as const
  expect(oneOffService(web, { ...PLAIN, overrides })).toMatchObject({
    entrypoint: ['sh', '-c'],
    command: [],
    environment: { A: '1', B: '2' },
    labels: { mine: 'no' },
    volumes: [{ source: '/srv' }],
  })
  expect(oneOffService(web, { ...PLAIN, overrides, command: ['ls'] }).command).toEqual(['ls'])
})
