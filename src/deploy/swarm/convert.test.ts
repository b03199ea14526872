import { describe, expect, test } from 'vitest'
import { SERVICE } from '../../model/attributes/index.ts'
import { BESIDE, LOST, REFUSED, TRANSLATED } from './convert/attributes.ts'
import { findingsOf, stackOf } from './converted.test-support.ts'
import { fieldsOf } from './plan/fields.ts'

/** Fields of the service `web` that has these lines. */
function fieldsOfWeb(attributes: string): Record<string, unknown> {
  const web = stackOf(`services: {web: {image: r/web:1, ${attributes}}, db: {image: r/db:1}}`).services.find(
    ({ key }) => key === 'web',
  )
  const fields = Object.fromEntries(fieldsOf(web?.wanted ?? {}))
  return Object.fromEntries(Object.entries(fields).map(([path, value]) => [path, JSON.parse(value)]))
}

function findingsOfWeb(attributes: string): string[] {
  return findingsOf(
    stackOf(`services:\n  web:\n    image: r/web:1\n    ${attributes}\n  db: {image: r/db:1}\n`),
  )
}

test('every attribute is translated, refused, lost with a reason, or of no matter: in one of four lists', () => {
  const known = [...TRANSLATED, ...BESIDE, ...Object.keys(LOST), ...Object.keys(REFUSED)]
  expect(known.toSorted()).toEqual(SERVICE.fields.map(({ name }) => name).toSorted())
  expect(new Set(known).size).toBe(known.length)
})

describe('limits of the service itself', () => {
  test('are those of deploy, which win', () => {
    expect(fieldsOfWeb('mem_limit: 64m, cpus: 0.5, pids_limit: 9, mem_reservation: 32m')).toMatchObject({
      'deploy.resources.limits.memory': 64 * 2 ** 20,
      'deploy.resources.limits.cpus': 0.5,
      'deploy.resources.limits.pids': 9,
      'deploy.resources.reservations.memory': 32 * 2 ** 20,
    })
  })
})

test('tmpfs is memory with its size and mode; other options are told', () => {
  expect(fieldsOfWeb('tmpfs: ["/run:size=64m,mode=1777"]')['volumes./run']).toEqual({
    Type: 'tmpfs',
    TmpfsOptions: { SizeBytes: 64 * 2 ** 20, Mode: 0o1777 },
  })
  expect(findingsOfWeb('tmpfs: ["/run:noexec"]')).toEqual(['SWARM_ATTRIBUTE 4 services.web.tmpfs[0]'])
})

test('a manager that does not know start_interval is not given one, and it is told', () => {
  const text = `services:\n  web:\n    image: r/web:1\n    healthcheck: {test: ["CMD", "true"], start_interval: 1s}\n`
  const [recent, old] = [true, false].map(knows => stackOf(text, 'shop', {}, knows))
  const intervalOf = (stack: typeof recent): unknown =>
    stack?.services[0]?.wanted.TaskTemplate?.ContainerSpec?.Healthcheck?.StartInterval
  expect([recent, old].map(intervalOf)).toEqual([1e9, undefined])
  expect([recent, old].map(stack => stack?.findings.map(({ code }) => code))).toEqual([
    [],
    ['SWARM_ATTRIBUTE'],
  ])
})

test('a platform is asked of nodes', () => {
  expect(fieldsOfWeb('platform: linux/arm64')).toMatchObject({
    'deploy.placement.platforms': ['{"Architecture":"arm64","OS":"linux"}'],
  })
})

describe('what a manager refuses is told with its line before anything is changed', () => {
  const WORD = [
    'deploy: {mode: foo}',
    'deploy: {endpoint_mode: xx}',
    'deploy: {update_config: {failure_action: y}}',
    'deploy: {rollback_config: {failure_action: y}}',
    'deploy: {restart_policy: {condition: unless-stopped}}',
    'restart: foo',
    'ports: [{target: 80, mode: foo}]',
    'ports: [{target: 80, protocol: foo}]',
    'volumes: [{type: bind, source: /proc, target: /x, bind: {propagation: zz}}]',
  ]
  const AMOUNT = [
    'mem_limit: 1m',
    'deploy: {resources: {limits: {memory: 1m}}}',
    'deploy: {resources: {reservations: {memory: 4095k}}}',
    'cpus: 0.0001',
    'deploy: {update_config: {max_failure_ratio: 2}}',
    'deploy: {update_config: {delay: -1s}}',
    'deploy: {restart_policy: {window: -1s}}',
    'healthcheck: {test: [CMD, "true"], interval: 1us}',
  ]
  const CONSTRAINT = ['nonsense', 'node.role = manager', 'node.role ==', 'a == b', 'node.labels.a==b,c'].map(
    each => `deploy: {placement: {constraints: ["${each}"]}}`,
  )
  const codes = (attributes: string): unknown =>
    stackOf(`services:\n  web:\n    image: r/web:1\n    ${attributes}\n  db: {image: r/db:1}\n`).findings.map(
      ({ code, severity, range }) => `${severity} ${code} ${range?.start.line}`,
    )

  test.each([...WORD, ...AMOUNT, ...CONSTRAINT])('%s', attributes => {
    expect(codes(attributes)).toEqual(['error SWARM_VALUE 4'])
  })

  test.each([
    'deploy: {mode: replicated, endpoint_mode: VIP, restart_policy: {condition: any, delay: 0s}}',
    'deploy: {update_config: {failure_action: rollback, order: start-first, max_failure_ratio: 1, monitor: 0s}}',
    'restart: on-failure:3',
    'deploy: {resources: {limits: {memory: 4m, cpus: 0.001}}}',
    'healthcheck: {test: [CMD, "true"], interval: 1ms, timeout: 0s}',
    'deploy: {placement: {constraints: ["node.labels.zone != a b", "node.role==manager", " Node.IP == 10.0.0.0/8 "]}}',
    'ports: [{target: 80, published: "80", mode: host, protocol: sctp}]',
  ])('and not: %s', attributes => {
    expect(codes(attributes)).toEqual([])
  })

  test.each([
    ['ingress', 'ingress', ['SWARM_PORT 3 services.b.ports[0]']],
    ['host', 'ingress', ['SWARM_PORT 3 services.b.ports[0]']],
    ['host', 'host', []],
  ])('a port of two services: %s and %s', (one, other, found) => {
    const port = (mode: string): string => `ports: [{target: 80, published: "80", mode: ${mode}}]`
    const text = `services:\n  a: {image: x, ${port(one)}}\n  b: {image: x, ${port(other)}}\n`
    expect(findingsOf(stackOf(text))).toEqual(found)
  })

  test('a port of one service, twice, and of the mesh with dnsrr', () => {
    const service = (rest: string): string[] =>
      findingsOf(stackOf(`services: {a: {image: x, ${rest}}}`), 'error')
    expect(service('ports: ["80:80", "80:81"]')).toEqual(['SWARM_PORT 1 services.a.ports[1]'])
    expect(service('ports: ["80:80", "80:80/udp", "80", "81"]')).toEqual([])
    const dnsrr = 'deploy: {endpoint_mode: dnsrr}, ports: [{target: 80, published: "80"'
    expect(service(`${dnsrr}}]`)).toEqual(['SWARM_PORT 1 services.a.ports[0]'])
    expect(service(`${dnsrr}, mode: host}]`)).toEqual([])
  })

  test.each([
    ['{subnet: 10.1.0.0/24, gateway: 10.2.0.1}', ['SWARM_NETWORK 3 networks.n.ipam.config[0].gateway']],
    ['{subnet: garbage}', ['SWARM_NETWORK 3 networks.n.ipam.config[0].subnet']],
    ['{subnet: 10.1.0.0/33}', ['SWARM_NETWORK 3 networks.n.ipam.config[0].subnet']],
    ['{gateway: 10.2.0.1}', ['SWARM_NETWORK 3 networks.n.ipam.config[0]']],
    ['{subnet: 10.1.0.5/24, gateway: 10.1.0.9}', []],
    ['{subnet: "fd00::/64", gateway: "fd00::1"}', []],
  ])('addresses of a network: %s', (pool, found) => {
    const text = `services: {a: {image: x, networks: [n]}}\nnetworks:\n  n: {ipam: {config: [${pool}]}}`
    expect(findingsOf(stackOf(text), 'error')).toEqual(found)
  })
})

describe('what a swarm cannot do is told with its line', () => {
  test.each([
    ['volumes_from: [db]', ['SWARM_ATTRIBUTE 4 services.web.volumes_from']],
    ['cpuset: "0"', ['SWARM_ATTRIBUTE 4 services.web.cpuset']],
    ['deploy: {mode: global, replicas: 2}', ['SWARM_MODE 4 services.web.deploy.replicas']],
    [
      'deploy: {mode: global-job, update_config: {delay: 1s}}',
      ['SWARM_MODE 4 services.web.deploy.update_config'],
    ],
    ['deploy: {mode: global-job, restart_policy: {condition: any}}', ['SWARM_MODE 4 services.web.deploy']],
    ['volumes: [{type: image, source: r/x:1, target: /x}]', ['SWARM_MOUNT 4 services.web.volumes[0]']],
  ])('as an error: %s', (attributes, found) => {
    const stack = stackOf(`services:\n  web:\n    image: r/web:1\n    ${attributes}\n  db: {image: r/db:1}\n`)
    expect(findingsOf(stack, 'error')).toEqual(found)
  })

  test.each([
    ['container_name: own', ['SWARM_ATTRIBUTE 4 services.web.container_name']],
    ['privileged: true', ['SWARM_ATTRIBUTE 4 services.web.privileged']],
    ['links: [db]', ['SWARM_ATTRIBUTE 4 services.web.links']],
    ['command: []', ['SWARM_ATTRIBUTE 4 services.web.command']],
    ['network_mode: host', ['SWARM_ATTRIBUTE 4 services.web.network_mode']],
    ['devices: [/dev/fuse]', ['SWARM_ATTRIBUTE 4 services.web.devices']],
    ['depends_on: {db: {condition: service_healthy}}', ['SWARM_ORDER 4 services.web.depends_on.db']],
    ['depends_on: [db]', []],
    ['volumes: ["./www:/www"]', ['SWARM_BIND 4 services.web.volumes[0]']],
    ['volumes: ["/var/run/docker.sock:/var/run/docker.sock"]', []],
    ['ports: ["127.0.0.1:80:80"]', ['SWARM_PORT 4 services.web.ports[0]']],
    [
      'networks: {default: {ipv4_address: 10.0.0.9}}',
      ['SWARM_ATTRIBUTE 4 services.web.networks.default.ipv4_address'],
    ],
  ])('as a warning: %s', (attributes, found) => {
    const stack = stackOf(`services:\n  web:\n    image: r/web:1\n    ${attributes}\n  db: {image: r/db:1}\n`)
    expect(findingsOf(stack)).toEqual(found)
    expect(findingsOf(stack, 'error')).toEqual([])
  })

  test('an image that is built here and named after nothing', () => {
    expect(findingsOf(stackOf('services: {web: {build: .}}'))).toEqual(['SWARM_IMAGE 1 services.web.build'])
  })

  test('an image that has no name of an image', () => {
    expect(findingsOf(stackOf('services: {web: {image: "UP/:x"}}'))).toEqual([
      'SWARM_IMAGE 1 services.web.image',
    ])
  })

  test('names that a manager does not take', () => {
    const long = 'x'.repeat(60)
    expect(findingsOf(stackOf(`services: {${long}: {image: x}}`))).toEqual([`SWARM_NAME 1 services.${long}`])
  })

  test('names of networks', () => {
    const text = 'services: {web: {image: x, networks: [n]}}\nnetworks: {n: {name: "a.b"}}'
    expect(findingsOf(stackOf(text))).toEqual(['SWARM_NAME 2 networks.n'])
  })

  test('content that is not there, or too large', () => {
    const file = (content: string): string =>
      `services: {web: {image: x, configs: [c]}}\nconfigs: {c: {file: ./c}}\n${content}`
    expect(findingsOf(stackOf(file(''), 'shop', {}))).toEqual(['SWARM_CONTENT 2 configs.c'])
    expect(findingsOf(stackOf(file(''), 'shop', { '/srv/shop/c': 'x'.repeat(1_000_001) }))).toEqual([
      'SWARM_CONTENT 2 configs.c',
    ])
  })

  test('networks that lead to no other node', () => {
    expect(
      findingsOf(stackOf('services: {web: {image: x, networks: [n]}}\nnetworks: {n: {driver: bridge}}')),
    ).toEqual(['SWARM_NETWORK 2 networks.n.driver'])
  })
})
