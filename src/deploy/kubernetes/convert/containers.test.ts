// One container: its words, variables, checks, limits and rights.
import { describe, expect, test } from 'vitest'
import { SERVICE } from '../../../model/attributes/index.ts'
import { convertText, lossesOf, objectNamed } from '../convert-text.test-support.ts'
import type { Container, Pod } from '../objects/pod.ts'
import { BESIDE, LOST, TRANSLATED } from './attributes.ts'
import { escapeReferences } from './references.ts'

function podOf(service: string, more = ''): Pod {
  return objectNamed(convertText(`services: {a: {${service}}}\n${more}`), 'Deployment', 'a').spec.template
    .spec
}

function containerOf(service: string): Container {
  const [container] = podOf(`image: x, ${service}`).containers
  if (container === undefined) throw new Error('no container')
  return container
}

const lost = (service: string): string[] => lossesOf(convertText(`services: {a: {image: x, ${service}}}`))

test('every attribute of a service is translated, told as lost, or said to be of no matter', () => {
  const known = [...TRANSLATED, ...BESIDE, ...Object.keys(LOST)]
  // These are read for what Kubernetes can do of them, and told for the rest.
  expect(known.toSorted()).toEqual(SERVICE.fields.map(({ name }) => name).toSorted())
  expect(new Set(known).size).toBe(known.length)
})

describe('words of a command', () => {
  test.each([
    ['command: [a, b]', { args: ['a', 'b'] }],
    ['entrypoint: [a]', { command: ['a'] }],
    ['entrypoint: [a], command: [b]', { command: ['a'], args: ['b'] }],
    ['entrypoint: [], command: [b]', { command: ['b'] }],
    ['command: ["yes", "0777", "on: off"]', { args: ['yes', '0777', 'on: off'] }],
    ['command: ["$$(HOME) $$$$(A) $$x"]', { args: ['$$(HOME) $$$$(A) $x'] }],
  ])('of %s', (service, words) => {
    const { command, args } = containerOf(service)
    expect({ ...(command && { command }), ...(args && { args }) }).toEqual(words)
  })

  test('that clear those of the image are told', () => {
    expect(lost('command: []')).toEqual(['KUBERNETES_ATTRIBUTE 1 services.a.command'])
  })
})

/** What Kubernetes makes of a value, with variables that all have the value `!`. */
function expanded(text: string): string {
  return text.replaceAll(/\$(?:(\$)|\(([^)]*)\))/g, (_, dollar) => (dollar === undefined ? '!' : '$'))
}

test.each([
  '$',
  '$$',
  '$$$',
  '$(A)',
  '$$(A)',
  'a$b$$c$(d',
  '$2y$05$abc$$',
  '$($($(',
])('%s comes through Kubernetes as it is', text => {
  expect(expanded(escapeReferences(text))).toBe(text)
})

test('variables are values; what has none here is left to the image', () => {
  expect(containerOf('environment: {A: "$$(B)", C: , D: "", E: 1}').env).toEqual([
    { name: 'A', value: '$$(B)' },
    { name: 'D', value: '' },
    { name: 'E', value: '1' },
  ])
})

describe('a health check', () => {
  const check = 'healthcheck: {test: "ok $$HOME", interval: 90s, timeout: 500ms, retries: 4'

  test('is a readiness probe, in whole seconds', () => {
    const { readinessProbe, startupProbe, livenessProbe } = containerOf(`${check}}`)
    expect(readinessProbe).toEqual({
      exec: { command: ['/bin/sh', '-c', 'ok $HOME'] },
      periodSeconds: 90,
      timeoutSeconds: 1,
      failureThreshold: 4,
    })
    expect([startupProbe, livenessProbe]).toEqual([undefined, undefined])
  })

  test('has a startup probe as long as its start period', () => {
    expect(containerOf(`${check}, start_period: 61s, start_interval: 10s}`).startupProbe).toMatchObject({
      periodSeconds: 10,
      failureThreshold: 7 + 4,
    })
  })

  test('is a liveness probe, too, where the unhealthy are restarted', () => {
    const { readinessProbe, livenessProbe } = containerOf(`${check}}, x-tscompose: {restart_unhealthy: true}`)
    expect(livenessProbe).toEqual(readinessProbe)
  })

  test.each([
    ['tcp: 5432', { tcpSocket: { port: 5432 } }],
    ['http: 80/health', { httpGet: { port: 80, path: '/health' } }],
    [
      'http: "http://shop:80/"',
      { httpGet: { port: 80, path: '/', httpHeaders: [{ name: 'Host', value: 'shop' }] } },
    ],
  ])('asks from outside: %s', (probe, question) => {
    expect(containerOf(`x-tscompose: {probe: {${probe}}}`).readinessProbe).toMatchObject(question)
  })

  test.each(['healthcheck: {disable: true}', 'healthcheck: {test: [NONE]}'])('is none: %s', service => {
    expect(containerOf(service).readinessProbe).toBeUndefined()
  })

  test('that Kubernetes cannot ask is told', () => {
    expect(lost('x-tscompose: {probe: {log: ready}}')).toEqual([
      'KUBERNETES_PROBE 1 services.a.x-tscompose.probe',
    ])
  })
})

describe('what a container may use', () => {
  test.each([
    ['cpus: 0.5, mem_limit: 512m', { limits: { cpu: '500m', memory: '512Mi' } }],
    ['cpu_quota: 150000, cpu_period: 100000', { limits: { cpu: '1500m' } }],
    ['mem_limit: 1000000', { limits: { memory: '1000000' } }],
    [
      'mem_limit: 1g, deploy: {resources: {limits: {cpus: "2"}, reservations: {cpus: "0.25", memory: 64m}}}',
      { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '250m', memory: '64Mi' } },
    ],
    ['gpus: [{count: 2}]', { limits: { 'nvidia.com/gpu': '2' } }],
  ])('of %s', (service, resources) => {
    expect(containerOf(service).resources).toEqual(resources)
  })

  test('and is lost is told', () => {
    const codes = lost(
      'pids_limit: 10, gpus: all, ulimits: {nofile: 10}, deploy: {resources: {limits: {pids: 10}}}',
    )
    expect(codes).toContain('KUBERNETES_ATTRIBUTE 1 services.a.ulimits')
    expect(codes).toContain('KUBERNETES_ATTRIBUTE 1 services.a.deploy.resources.limits.pids')
    expect(codes).toContain('KUBERNETES_ATTRIBUTE 1 services.a.gpus')
  })
})

describe('rights', () => {
  test.each([
    ['user: "1000:100"', { runAsUser: 1000, runAsGroup: 100 }],
    ['cap_add: [cap_net_admin], cap_drop: [ALL]', { capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] } }],
    ['read_only: true', { readOnlyRootFilesystem: true }],
    ['security_opt: ["no-new-privileges:true"]', { allowPrivilegeEscalation: false }],
    ['security_opt: [no-new-privileges], privileged: true', { privileged: true }],
    [
      'security_opt: ["seccomp:unconfined", "label=level:s0:c1,c2"]',
      { seccompProfile: { type: 'Unconfined' }, seLinuxOptions: { level: 's0:c1,c2' } },
    ],
  ])('of %s', (service, securityContext) => {
    expect(containerOf(service).securityContext).toEqual(securityContext)
  })

  test.each([
    ['user: www-data', 'KUBERNETES_USER 1 services.a.user'],
    ['group_add: [audio]', 'KUBERNETES_USER 1 services.a.group_add[0]'],
    ['security_opt: ["apparmor:mine"]', 'KUBERNETES_ATTRIBUTE 1 services.a.security_opt[0]'],
    [
      'sysctls: {net.core.somaxconn: 1024}',
      'KUBERNETES_ATTRIBUTE 1 services.a.sysctls["net.core.somaxconn"]',
    ],
  ])('that Kubernetes does not know are told: %s', (service, loss) => {
    expect(lost(service)).toHaveLength(1)
    expect(lost(service)[0]?.slice(0, 40)).toBe(loss.slice(0, 40))
  })

  test('of the pod: the seccomp profile that Compose has, groups, sysctls, a group for volumes', () => {
    const conversion = convertText(
      'services: {a: {image: x, user: "33:33", group_add: ["5"], expose: ["80"], sysctls: {net.ipv4.tcp_syncookies: 1}, volumes: ["data:/v"]}}\nvolumes: {data: }',
    )
    expect(objectNamed(conversion, 'StatefulSet', 'a').spec.template.spec.securityContext).toEqual({
      seccompProfile: { type: 'RuntimeDefault' },
      supplementalGroups: [5],
      fsGroup: 33,
      fsGroupChangePolicy: 'OnRootMismatch',
      sysctls: [
        { name: 'net.ipv4.tcp_syncookies', value: '1' },
        { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' },
      ],
    })
  })
})

test('hooks are handlers, several of them by a shell', () => {
  const { lifecycle } = containerOf(
    'post_start: [{command: [a, "b c"]}, {command: [d, "it\'s"], user: root}], pre_stop: [{command: [z]}]',
  )
  expect(lifecycle).toEqual({
    postStart: { exec: { command: ['/bin/sh', '-c', "a 'b c' && d 'it'\\''s'"] } },
    preStop: { exec: { command: ['z'] } },
  })
})

test('pre_start is an init container with the service’s mounts and variables', () => {
  const spec = podOf(
    'image: x, environment: {A: 1, B: 2}, tmpfs: [/run], pre_start: [{command: [m], image: y, environment: {B: 3}}]',
  )
  expect(spec.initContainers).toMatchObject([
    {
      name: 'a-pre-start-1',
      image: 'y',
      args: ['m'],
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '3' },
      ],
    },
  ])
})

test('names of the host, name servers and the like are the pod’s', () => {
  const spec = podOf(
    'image: x, hostname: box, init: true, extra_hosts: ["h=10.0.0.1", "i=10.0.0.1", "j=host-gateway"], dns: [9.9.9.9], dns_search: [example.org], dns_opt: ["ndots:2"], stop_grace_period: 90s',
  )
  expect(spec).toMatchObject({
    hostname: 'box',
    shareProcessNamespace: true,
    terminationGracePeriodSeconds: 90,
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['h', 'i'] }],
    dnsConfig: {
      nameservers: ['9.9.9.9'],
      searches: ['example.org'],
      options: [{ name: 'ndots', value: '2' }],
    },
  })
})

test('the host’s namespaces are the node’s, and names of the cluster are known there', () => {
  expect(podOf('image: x, network_mode: host, pid: host, ipc: host')).toMatchObject({
    hostNetwork: true,
    hostPID: true,
    hostIPC: true,
    dnsPolicy: 'ClusterFirstWithHostNet',
  })
})

test('labels are annotations, since their values may be anything', () => {
  const conversion = convertText(
    'services: {a: {image: x, labels: {traefik.rule: "Host(`a`)", "no key": 1}}}',
  )
  expect(objectNamed(conversion, 'Deployment', 'a').spec.template.metadata.annotations).toEqual({
    'traefik.rule': 'Host(`a`)',
  })
  expect(lossesOf(conversion)).toHaveLength(1)
})

test('labels of kompose are told, and are no annotations', () => {
  const conversion = convertText(
    'services:\n  a:\n    image: x\n    labels:\n      kompose.service.type: nodeport\n      kompose.hpa.cpu: 50\n      mine: 1\n',
  )
  expect(lossesOf(conversion)).toEqual([
    'KUBERNETES_ATTRIBUTE 6 services.a.labels.kompose.hpa.cpu',
    'KUBERNETES_ATTRIBUTE 5 services.a.labels.kompose.service.type',
  ])
  expect(conversion.losses.map(({ summary }) => summary.includes(': say '))).toEqual([false, true])
  const { annotations } = objectNamed(conversion, 'Deployment', 'a').spec.template.metadata
  expect(annotations).toEqual({ mine: '1' })
})

test('an image that is built and in no registry is told', () => {
  expect(lossesOf(convertText('services: {a: {build: .}}'))).toEqual(['KUBERNETES_IMAGE 1 services.a.build'])
  expect(lossesOf(convertText('services: {a: {build: ., image: r.example/a:1}}'))).toEqual([])
})

test('a reservation above its limit is the limit, and told with its line', () => {
  const conversion = convertText(`services:
  a:
    image: x
    deploy:
      resources:
        limits: {memory: 10m, cpus: "0.5"}
        reservations:
          memory: 20m
          cpus: "2"
  b: {image: x, mem_limit: 10m, mem_reservation: 20m}
  c: {image: x, mem_limit: 20m, mem_reservation: 20m, cpus: 0, deploy: {resources: {reservations: {cpus: "1"}}}}
`)
  const requestsOf = (name: string): unknown =>
    objectNamed(conversion, 'Deployment', name).spec.template.spec.containers[0]?.resources?.requests
  expect(['a', 'b', 'c'].map(requestsOf)).toEqual([
    { cpu: '500m', memory: '10Mi' },
    { memory: '10Mi' },
    { cpu: '1', memory: '20Mi' },
  ])
  expect(lossesOf(conversion).toSorted()).toEqual([
    'KUBERNETES_ATTRIBUTE 10 services.b.mem_reservation',
    'KUBERNETES_ATTRIBUTE 8 services.a.deploy.resources.reservations.memory',
    'KUBERNETES_ATTRIBUTE 9 services.a.deploy.resources.reservations.cpus',
  ])
})

test('names of variables that not every Kubernetes takes are told, and those that none takes are left out', () => {
  const conversion = convertText(
    'services:\n  a:\n    image: x\n    environment: {"1BAD": "1", "with space": "2", "ä": "3", good.name-1: "4"}\n',
  )
  const { env } = objectNamed(conversion, 'Deployment', 'a').spec.template.spec.containers[0] ?? {}
  expect(env?.map(({ name }) => name)).toEqual(['1BAD', 'good.name-1', 'with space'])
  expect(lossesOf(conversion).map(loss => loss.split(' ', 2))).toEqual([
    ['KUBERNETES_NAME', '4'],
    ['KUBERNETES_NAME', '4'],
    ['KUBERNETES_NAME', '4'],
  ])
})
