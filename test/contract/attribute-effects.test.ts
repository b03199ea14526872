// The table of attributes against what acts by it: the planner's plan, the executor's requests, the engine's update.
import { describe, expect, test } from 'vitest'
import type { Field as BodyField, Shape as BodyShape } from '../../src/api/server/decode/shape.ts'
import { CONTAINER_CREATE, NETWORK_CREATE, VOLUME_CREATE } from '../../src/api/server/decode/shapes.ts'
import { ADAPTERS } from '../../src/engine/containers/adapters.ts'
import { createRequest } from '../../src/executor/create-request/index.ts'
import { observe } from '../../src/executor/observe/observe.ts'
import { createNetwork } from '../../src/executor/operations/networks.ts'
import { createVolume } from '../../src/executor/operations/volumes.ts'
import { FakeDocker } from '../../src/executor/testing/fake-docker.ts'
import { type Attribute, attributesOf, NETWORK, SERVICE, VOLUME } from '../../src/model/attributes/index.ts'
import type { Shape } from '../../src/model/attributes/shape.ts'
import type { Service } from '../../src/model/index.ts'
import { planUp } from '../../src/planner/index.ts'
import { makeProject } from '../../src/planner/testing/projects.ts'

type Plain = Readonly<Record<string, unknown>>

/** An attribute with an effect of its own. */
interface Own extends Attribute {
  readonly effect: NonNullable<Attribute['effect']>
}

function ownOf(thing: Parameters<typeof attributesOf>[0]): (readonly [string, Own])[] {
  return attributesOf(thing).flatMap(each =>
    each.effect === undefined || each.effect !== each.field.effect
      ? []
      : [[each.path.join('.'), { ...each, effect: each.effect }] as const],
  )
}

/** Values in which an attribute says all that it can, where one of its shape does not; several: what each says counts. */
const SAMPLES: Readonly<Record<string, readonly unknown[]>> = {
  'blkio_config.weight_device': [[{ path: '/dev/vda', weight: 10 }]],
  'deploy.resources.reservations.devices': [[{ capabilities: ['gpu'] }]],
  'deploy.restart_policy.condition': ['on-failure'],
  'deploy.restart_policy.max_attempts': [
    { deploy: { restart_policy: { condition: 'on-failure', max_attempts: 3 } } },
  ],
  'healthcheck.test': [['CMD', 'x']],
  build: [{ build: { context: '.' }, image: 'example/web' }],
  configs: [[{ source: 'file' }]],
  credential_spec: [{ file: 'x' }],
  depends_on: [{ other: { condition: 'service_started', required: true } }],
  devices: [[{ source: '/dev/a' }, { source: 'vendor.com/class=x' }]],
  expose: [['80']],
  external_links: [['other_db_1:db']],
  ipc: ['host'],
  isolation: ['default'],
  links: [['other:o'], { network_mode: 'host', networks: undefined, links: ['other:o'] }],
  logging: [{ driver: 'json-file', options: { 'max-size': '1m' } }],
  models: [{ llm: null }],
  network_mode: [{ network_mode: 'host', networks: undefined }],
  networks: [{ default: null, other: null }],
  pid: ['host'],
  pre_start: [[{ command: ['x'] }]],
  ports: [[{ target: 80, published: '8080' }]],
  restart: ['always'],
  secrets: [[{ source: 'file' }]],
  security_opt: [['no-new-privileges', 'systempaths=unconfined']],
  uts: ['host'],
  volumes: [
    [{ type: 'bind', source: '/a', target: '/a' }],
    [{ type: 'volume', source: 'data', target: '/data' }],
  ],
  volumes_from: [['container:elsewhere']],
  'x-tscompose.egress': [['10.0.0.0/8']],
  'x-tscompose.publish': ['proxy'],
  'x-tscompose.sleep.freeze': [{ 'x-tscompose': { sleep: { freeze: '3s' } } }],
  'x-tscompose.sleep.stop': [{ 'x-tscompose': { sleep: { freeze: '3s', stop: '3s' } } }],
}

function sampleOf(shape: Shape): unknown {
  switch (shape.type) {
    case 'text':
      return shape.oneOf?.words[0] ?? 'x'
    case 'mode':
      return '0440'
    case 'flag':
      return true
    case 'float':
      return 0.5
    case 'integer':
    case 'count':
    case 'permissions':
      return 1
    case 'bytes':
      return '67108864'
    case 'duration':
      return '3s'
    case 'words':
    case 'test':
    case 'oneOrMore':
      return ['x']
    case 'hosts':
      return ['h=1.2.3.4']
    case 'mapping':
      return { a: 'b' }
    case 'list':
      return [sampleOf(shape.of)]
    case 'record':
      return { a: sampleOf(shape.of) }
    case 'ulimit':
      return 1
    case 'struct':
      return Object.fromEntries(shape.fields.map(({ name, shape: inner }) => [name, sampleOf(inner)]))
  }
}

/** A service with the attribute alone; the user's own name is that of the network that it is on. */
function servicesWith(path: readonly string[], { field }: Attribute): Partial<Service>[] {
  return (SAMPLES[path.join('.')] ?? [sampleOf(field.shape)]).map(value =>
    typeof value === 'object' && value !== null && path[0] !== undefined && path[0] in value
      ? value
      : (wrap(path, value) as Partial<Service>),
  )
}

function wrap(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key === '*' ? 'default' : key]: inner }), value)
}

interface Made {
  readonly hash: string
  /** Paths of what `up` says to have no effect. */
  readonly warned: readonly string[]
  /** What the request says, by path; labels of ours and the image's digest left out. */
  readonly said: ReadonlyMap<string, string>
}

async function make(service: Partial<Service>): Promise<Made> {
  const docker = new FakeDocker()
  for (const image of ['example/web', 'example/other', 'x']) docker.addImage(image)
  const file = { name: 'file', file: '/srv/file' }
  const project = makeProject({
    services: { web: service, other: {} },
    networks: { default: {}, other: {} },
    volumes: { data: {} },
    secrets: { file },
    configs: { file },
  })
  const plan = planUp(project, await observe(docker, project))
  const operation = plan.operations.find(
    each => each.type === 'createContainer' && each.serviceName === 'web',
  )
  if (operation?.type !== 'createContainer') throw new Error('the plan makes no container')
  const warned: string[] = []
  const body = createRequest({
    operation,
    project,
    imageDigest: undefined,
    idOf: ({ name }) => name,
    readFile: () => '{}',
    warn: ({ path = '' }) => warned.push(path.replace('services.web.', '')),
  })
  const { 'com.docker.compose.config-hash': hash = '' } = body.Labels ?? {}
  const labels = Object.entries(body.Labels ?? {}).filter(([name]) => !name.startsWith('com.'))
  const endpoints = body.NetworkingConfig?.EndpointsConfig
  const said = new Map<string, string>()
  const { NetworkingConfig: _, ...rest } = { ...body, Labels: Object.fromEntries(labels) }
  collect({ ...rest, EndpointsConfig: endpoints }, '', said)
  return { hash, warned, said }
}

/** Leaves of what a request may hold by the names that the table has; `*` for a network's name. */
function collect(value: unknown, path: string, said: Map<string, string>): void {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const deep = [
    '',
    'HostConfig',
    'Healthcheck',
    'EndpointsConfig',
    'EndpointsConfig.*',
    'EndpointsConfig.*.IPAMConfig',
  ]
  if (!isObject || !deep.includes(path)) {
    said.set(path, `${said.get(path) ?? ''}${JSON.stringify(value)}`)
    return
  }
  if (path === 'EndpointsConfig') said.set(path, Object.keys(value).join(' '))
  for (const [name, inner] of Object.entries(value as Plain))
    collect(inner, path === '' ? name : `${path}.${path === 'EndpointsConfig' ? '*' : name}`, said)
}

function changed(from: Made, to: Made): string[] {
  return [...new Set([...from.said.keys(), ...to.said.keys()])].filter(
    path => from.said.get(path) !== to.said.get(path),
  )
}

/** Whether a path of the table is one of a request's shape. */
function isKnown(shape: BodyShape, path: readonly string[]): boolean {
  const [first = '', ...rest] = path
  const field: BodyField | undefined = shape[first]
  if (field === undefined || rest.length === 0 || typeof field === 'string')
    return field !== undefined && rest.length === 0
  if ('object' in field) return isKnown(field.object, rest)
  const inner = 'map' in field ? field.map : 'list' in field ? field.list : field.lists
  return rest.length === 1 || isKnown(inner, rest.slice(1))
}

test.each([
  ['service', SERVICE],
  ['network', NETWORK],
  ['volume', VOLUME],
] as const)('every attribute of a %s has an effect, or its parts have', (_, thing) => {
  const silent = attributesOf(thing).filter(
    ({ effect, field }) => effect === undefined && field.effect !== 'parts',
  )
  expect(silent.map(({ path }) => path.join('.'))).toEqual([])
})

// Of a service that somebody else provides there is no container.
describe.each(ownOf(SERVICE).filter(([name]) => name !== 'provider'))('services.*.%s', (_, each) => {
  const { path, effect } = each
  const made = async (): Promise<{ base: Made; all: Made[] }> => ({
    // What the attribute around it says by being there is not its own.
    base: await make(path.length === 1 ? {} : (wrap(path.slice(0, -1), {}) as Partial<Service>)),
    all: await Promise.all(servicesWith(path, each).map(make)),
  })

  test(`sets ${effect.sets.join(', ') || 'nothing'} of a create request`, async () => {
    const { base, all } = await made()
    const fields = new Set(all.flatMap(one => changed(base, one)))
    // Who leaves its networks or joins another one has other endpoints, with all that is in them.
    if (['network_mode', 'networks', 'links'].includes(path.join('.')))
      for (const field of [...fields]) if (!effect.sets.includes(field)) fields.delete(field)
    expect([...fields].sort()).toEqual([...effect.sets].sort())
  })

  test(`${effect.change === 'none' ? 'is not in' : 'changes'} the hash`, async () => {
    const { base, all } = await made()
    expect(all.map(({ hash }) => hash !== base.hash)).toEqual(all.map(() => effect.change !== 'none'))
  })

  test(`is ${effect.inVain === undefined ? 'not ' : ''}said to have no effect`, async () => {
    const { all } = await made()
    // One machine is what this mode means; of any other it is the word that is told.
    const isTold = effect.inVain !== undefined || path.join('.') === 'deploy.mode'
    expect(all.flatMap(({ warned }) => warned)).toEqual(isTold ? [path.join('.')] : [])
  })

  test('is hot where all that it sets can be changed by our engine', () => {
    const adaptable: readonly string[] = ADAPTERS.flatMap(({ fields }) => fields)
    const canChange = (field: string): boolean =>
      adaptable.some(each => field === each || field.startsWith(`${each}.`))
    const isWhole = effect.sets.length > 0 && effect.by === undefined
    expect(effect.change === 'hot').toBe(isWhole && effect.sets.every(canChange))
  })

  test('has fields, somebody who acts upon it, or a reason why it has no effect', () => {
    expect(effect.sets.length > 0 || effect.by !== undefined || effect.inVain !== undefined).toBe(true)
    const { HostConfig, NetworkingConfig } = CONTAINER_CREATE
    const inner =
      typeof NetworkingConfig === 'object' && 'object' in NetworkingConfig ? NetworkingConfig.object : {}
    const shape = { ...CONTAINER_CREATE, HostConfig, ...inner }
    expect(effect.sets.filter(field => !isKnown(shape, field.split('.')))).toEqual([])
  })
})

/** What the executor asks of the engine for a network or a volume. */
async function requestFor(kind: 'network' | 'volume', more: unknown): Promise<Plain> {
  const asked: Plain[] = []
  const ask = async (body: Plain): Promise<object> => ({ Id: String(asked.push(body)) })
  const execution = { execution: { docker: { createNetwork: ask, createVolume: ask } } } as never
  const thing = { name: 'x', ipam: {}, labels: {}, ...(more as object) }
  const labels = thing.labels
  if (kind === 'network') await createNetwork({ network: thing, labels } as never, execution)
  else await createVolume({ volume: thing, labels } as never, execution)
  return asked[0] ?? {}
}

function leavesOf(value: unknown, path = ''): Map<string, string> {
  if (Array.isArray(value) && typeof value[0] === 'object')
    return new Map(value.flatMap(item => [...leavesOf(item, `${path}.*`)]))
  const deep = path === '' || path === 'IPAM' || path.endsWith('.*')
  if (!deep || typeof value !== 'object' || value === null) return new Map([[path, JSON.stringify(value)]])
  return new Map(
    Object.entries(value).flatMap(([key, item]) => [...leavesOf(item, path === '' ? key : `${path}.${key}`)]),
  )
}

describe.each([
  ['network', NETWORK, NETWORK_CREATE],
  ['volume', VOLUME, VOLUME_CREATE],
] as const)('of a %s', (kind, thing, shape) => {
  test.each(ownOf(thing))('%s sets its fields of a create request', async (_, { path, field, effect }) => {
    // A pool is an item of a list.
    const value =
      path[1] === 'config'
        ? { ipam: { config: [wrap(path.slice(2), sampleOf(field.shape))] } }
        : wrap(path, sampleOf(field.shape))
    const [base, made] = [leavesOf(await requestFor(kind, {})), leavesOf(await requestFor(kind, value))]
    const fields = [...made.keys()].filter(name => made.get(name) !== base.get(name))
    if (effect.change !== 'none') expect(fields).toEqual(effect.sets)
    expect(effect.sets.filter(name => !isKnown(shape, name.split('.')))).toEqual([])
    expect(effect.change).not.toBe('hot')
  })
})
