import { describe, expect, test } from 'vitest'
import { Failure } from '../../diagnostics/index.ts'
import { convertedFixture, recordedFixture, stackOf } from './converted.test-support.ts'
import { observeStack, planDown, planRollback, planScale, type Stack, type SwarmPlan } from './index.ts'
import { carryOut, deployOn, planOn, SimulatedManager } from './swarm.test-support.ts'

const FILE = `
services:
  web: {image: r/web:1, configs: [app], secrets: [password], deploy: {replicas: 2}}
  db: {image: r/db:1}
configs: {app: {file: ./app.conf}}
secrets: {password: {file: ./password.txt}}
`
const FILES = { '/srv/shop/app.conf': 'one', '/srv/shop/password.txt': 'hunter2' }

const shop = (files: Readonly<Record<string, string>> = {}, text = FILE): Stack =>
  stackOf(text, 'shop', { ...FILES, ...files })

/** `create config shop_app` of all that is not a mere wait. */
const told = ({ operations }: SwarmPlan): string[] =>
  operations
    .filter(({ type }) => !type.startsWith('await'))
    .map(({ action, resource: { kind, name } }) => `${action} ${kind} ${name}`)

async function deployed(stack: Stack = shop()): Promise<SimulatedManager> {
  const manager = new SimulatedManager()
  await deployOn(manager, stack)
  return manager
}

test('makes all that is not there, what services use before them', async () => {
  const plan = await planOn(new SimulatedManager(), shop())
  expect(told(plan)).toEqual([
    'create network shop_default',
    'create config shop_app',
    'create secret shop_password',
    'create service shop_db',
    'create service shop_web',
  ])
})

test('a second deploy has nothing to do', async () => {
  const manager = await deployed()
  expect(told(await planOn(manager, shop()))).toEqual([])
})

test('services have the ids of their configs and secrets', async () => {
  const manager = await deployed()
  expect(manager.services.get('shop_web')?.Spec.TaskTemplate?.ContainerSpec).toMatchObject({
    Configs: [{ ConfigName: 'shop_app', ConfigID: 'id-of-shop_app' }],
    Secrets: [{ SecretName: 'shop_password', SecretID: 'id-of-shop_password' }],
  })
})

describe('content that changed', () => {
  test.each([
    ['config', 'app', { '/srv/shop/app.conf': 'two' }],
    ['secret', 'password', { '/srv/shop/password.txt': 'other' }],
  ])('of a %s makes a new version, which its services get', async (kind, key, files) => {
    const manager = await deployed()
    const plan = await deployOn(manager, shop(files))
    expect(told(plan)).toEqual([`create ${kind} shop_${key}.2`, 'update service shop_web'])
    expect(told(await planOn(manager, shop(files)))).toEqual([])
  })

  test('keeps the version before for a rollback, and removes those before that', async () => {
    const manager = await deployed()
    await deployOn(manager, shop({ '/srv/shop/app.conf': 'two' }))
    expect(told(await deployOn(manager, shop({ '/srv/shop/app.conf': 'three' })))).toEqual([
      'create config shop_app.3',
      'update service shop_web',
      'remove config shop_app',
    ])
    expect([...manager.configs.keys()]).toEqual(['shop_app.2', 'shop_app.3'])
  })

  test('goes back to a version that is there', async () => {
    const manager = await deployed()
    await deployOn(manager, shop({ '/srv/shop/app.conf': 'two' }))
    expect(told(await planOn(manager, shop()))).toEqual(['update service shop_web'])
  })

  test('of a secret is told to nobody, not by two equal digests either', async () => {
    const manager = await deployed()
    const plan = await planOn(manager, shop({ '/srv/shop/password.txt': 'other' }))
    expect(JSON.stringify(manager.secrets.get('shop_password')?.Spec.Labels)).not.toContain('hunter2')
    expect(JSON.stringify(plan.operations.map(each => each.changes))).not.toContain('other')
  })
})

describe('a stack that docker stack deploy has made', () => {
  /** As if Docker had made it. */
  function byDocker(name: string, secret = 's3cret'): SimulatedManager {
    const manager = new SimulatedManager()
    const { services, networks, secrets, configs } = recordedFixture(name)
    const kept = { Version: { Index: 1 }, CreatedAt: '', UpdatedAt: '' }
    for (const [Name, network] of Object.entries(networks))
      manager.networks.set(Name, { Name, Id: Name, ...network } as never)
    for (const [Name, Spec] of Object.entries(configs))
      manager.configs.set(Name, { ...kept, ID: `id-of-${Name}`, Spec } as never)
    const Data = Buffer.from(secret).toString('base64')
    for (const [Name, Spec] of Object.entries({ ...secrets, given_secret: { Name: 'given_secret' } }))
      manager.secrets.set(Name, { ...kept, ID: `id-of-${Name}`, Spec: { ...Spec, Data } } as never)
    manager.networks.set('theirs', { Name: 'theirs', Id: 'theirs', Scope: 'swarm' } as never)
    for (const [Name, Spec] of Object.entries(services))
      manager.services.set(Name, { ...kept, ID: `id-of-${Name}`, Spec, Endpoint: { Spec: {} } } as never)
    return manager
  }

  test.each(['web', 'mounts', 'networks', 'files'])('is taken over as it is: %s', async name => {
    expect(told(await planOn(byDocker(name), convertedFixture(name)))).toEqual([])
  })

  test('with another secret gets a version of it', async () => {
    const plan = await planOn(byDocker('files', 'another'), convertedFixture('files'))
    expect(told(plan)).toEqual([
      'create secret own_secret.2',
      'create secret files_password.2',
      'update service files_app',
    ])
  })
})

describe('what others do', () => {
  test('by hand is put right, field by field', async () => {
    const manager = await deployed()
    const web = manager.services.get('shop_web')
    if (web)
      manager.services.set('shop_web', {
        ...web,
        Spec: { ...web.Spec, Mode: { Replicated: { Replicas: 9 } } },
      })
    const [update] = (await planOn(manager, shop())).operations
    expect(update?.changes).toEqual([{ path: 'deploy.mode', from: '"replicated 9"', to: '"replicated 2"' }])
  })

  test('at the same time is overtaken again: the last of two deploys wins', async () => {
    const manager = await deployed()
    const plan = await planOn(manager, shop({}, FILE.replace('replicas: 2', 'replicas: 5')))
    manager.meanwhile = () => {
      const web = manager.services.get('shop_web')
      if (web) manager.services.set('shop_web', { ...web, Version: { Index: 99 } })
    }
    await carryOut(manager, plan)
    expect(manager.services.get('shop_web')?.Spec.Mode).toEqual({ Replicated: { Replicas: 5 } })
  })

  test('makes a deploy begin anew where it has made the same service', async () => {
    const manager = new SimulatedManager()
    const plan = await planOn(manager, shop())
    await deployOn(manager, shop())
    await expect(carryOut(manager, plan)).rejects.toMatchObject({ code: 'SWARM_CHANGED' })
  })
})

test('a network that was removed, and is listed for a moment longer, makes a deploy begin anew', async () => {
  const manager = new SimulatedManager()
  const plan = await planOn(manager, shop())
  const summary = 'network shop_default not found'
  manager.createService = () =>
    Promise.reject(new Failure('notFound', [{ severity: 'error', code: 'ENGINE_NOT_FOUND', summary }]))
  await expect(carryOut(manager, plan)).rejects.toMatchObject({ code: 'SWARM_CHANGED' })
})

test.each([
  'networks',
  'configs',
  'secrets',
])('of %s what is external must be there: its line says it', async section => {
  const stack = stackOf(`services: {a: {image: x, ${section}: [n]}}\n${section}:\n  n: {external: true}\n`)
  const place = { path: `${section}.n`, range: { start: { line: 3 } } }
  await expect(planOn(new SimulatedManager(), stack)).rejects.toMatchObject({
    diagnostics: [{ code: 'SWARM_EXTERNAL_MISSING', ...place }],
  })
})

test('what only a manager can refuse is told with what it is about; that it does not answer is not', async () => {
  const manager = new SimulatedManager()
  const plan = await planOn(manager, stackOf('services: {web: {image: x}}'))
  const failing = (code: string): Promise<void> => {
    manager.createNetwork = () =>
      Promise.reject(new Failure('internal', [{ severity: 'error', code, summary: 'no' }]))
    return carryOut(manager, plan)
  }
  await expect(failing('ENGINE_INTERNAL')).rejects.toThrow('network "shop_default": no')
  await expect(failing('ENGINE_UNREACHABLE')).rejects.toThrow(/^no$/)
})

test('another mode is another service', async () => {
  const manager = await deployed()
  const plan = await planOn(manager, shop({}, FILE.replace('replicas: 2', 'mode: global')))
  expect(told(plan)).toEqual(['recreate service shop_web', 'recreate service shop_web'])
})

test('--prune removes what the file has no more; without it that stays', async () => {
  const manager = await deployed()
  const less = stackOf('services: {db: {image: r/db:1}}')
  expect(told(await planOn(manager, less))).toEqual([])
  expect(told(await planOn(manager, less, { prune: true }))).toEqual([
    'remove service shop_web',
    'remove config shop_app',
    'remove secret shop_password',
  ])
})

test('an image that a registry has otherwise now is another one; without an answer it stays', async () => {
  const manager = await deployed()
  const images = new Map([['r/web:1', { reference: 'r/web:1@sha256:abc', platforms: [] }]])
  expect(told(await deployOn(manager, shop(), { images }))).toEqual(['update service shop_web'])
  expect(told(await planOn(manager, shop(), { images }))).toEqual([])
  expect(told(await planOn(manager, shop()))).toEqual([])
})

test('a rollback makes services what they were', async () => {
  const manager = await deployed()
  await deployOn(manager, shop({}, FILE.replace('replicas: 2', 'replicas: 5')))
  const plan = planRollback(await observeStack(manager, 'shop'))
  expect(plan.operations[0]?.changes).toEqual([
    { path: 'deploy.mode', from: '"replicated 5"', to: '"replicated 2"' },
  ])
  await carryOut(manager, plan)
  expect(manager.services.get('shop_web')?.Spec.Mode).toEqual({ Replicated: { Replicas: 2 } })
})

test('scaling changes how many there are, and nothing of what is so already', async () => {
  const observed = await observeStack(await deployed(), 'shop')
  expect(told(planScale(observed, new Map([['shop_web', 3]])).plan)).toEqual(['update service shop_web'])
  expect(told(planScale(observed, new Map([['shop_web', 2]])).plan)).toEqual([])
})

test('scaling takes back nothing that others have changed meanwhile: it is to be planned anew', async () => {
  const manager = await deployed()
  const { plan } = planScale(await observeStack(manager, 'shop'), new Map([['shop_web', 3]]))
  await deployOn(manager, shop({}, FILE.replace('web:1', 'web:2')))
  await expect(carryOut(manager, plan)).rejects.toMatchObject({ code: 'SWARM_CHANGED' })
  expect(manager.services.get('shop_web')?.Spec.TaskTemplate?.ContainerSpec?.Image).toContain('web:2')
})

test('a service on each node has no number of tasks', async () => {
  const manager = await deployed(shop({}, FILE.replace('replicas: 2', 'mode: global')))
  const { plan, problems } = planScale(await observeStack(manager, 'shop'), new Map([['shop_web', 3]]))
  expect([told(plan), problems.map(({ code }) => code)]).toEqual([[], ['SWARM_MODE']])
})

test('down leaves nothing', async () => {
  const manager = await deployed()
  await carryOut(manager, planDown(await observeStack(manager, 'shop')))
  expect(
    [manager.services, manager.networks, manager.configs, manager.secrets].map(each => each.size),
  ).toEqual([0, 0, 0, 0])
})

test('fifty services take a call each, and five to look', async () => {
  const services = Array.from({ length: 50 }, (_, at) => `s${at}: {image: r/s:1}`).join(', ')
  const manager = await deployed(stackOf(`services: {${services}}`))
  const looks = manager.calls.filter(call => call.startsWith('list')).length
  // Two looks: one to plan, one of the test's own.
  expect([looks, manager.calls.filter(call => call.startsWith('create')).length]).toEqual([8, 52])
})
