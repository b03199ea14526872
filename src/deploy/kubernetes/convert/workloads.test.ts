// What keeps pods, what they wait for, and how they are updated.
import { describe, expect, test } from 'vitest'
import { convertText, lossesOf, namesOf, objectNamed } from '../convert-text.test-support.ts'

const workloadsOf = (text: string): string[] =>
  namesOf(convertText(text)).filter(name => /^(?:Deployment|StatefulSet|DaemonSet|Job) /.test(name))

describe('what keeps a service is', () => {
  test.each([
    ['a Deployment', 'a: {image: x}', 'Deployment a'],
    [
      'a StatefulSet where one replica writes a volume',
      'a: {image: x, volumes: ["data:/v"]}',
      'StatefulSet a',
    ],
    ['a Deployment where it only reads one', 'a: {image: x, volumes: ["data:/v:ro"]}', 'Deployment a'],
    [
      'a Deployment where several replicas write one',
      'a: {image: x, scale: 2, volumes: ["data:/v"]}',
      'Deployment a',
    ],
    ['a DaemonSet for global', 'a: {image: x, deploy: {mode: global}}', 'DaemonSet a'],
    ['a Job for a job', 'a: {image: x, deploy: {mode: replicated-job, replicas: 3}}', 'Job a'],
    ['a Job where it runs once', 'a: {image: x, x-tscompose: {run_once: true}}', 'Job a'],
    ['a Job where nothing starts it again', 'a: {image: x, restart: "no"}', 'Job a'],
    ['a Deployment where that one serves', 'a: {image: x, restart: "no", ports: ["80"]}', 'Deployment a'],
    ['what the file says', 'a: {image: x, x-tscompose-kubernetes: {kind: stateful-set}}', 'StatefulSet a'],
  ])('%s', (_, service, expected) => {
    expect(workloadsOf(`services: {${service}}\nvolumes: {data: }`)).toEqual([expected])
  })

  test('a Job where others wait for its end, whatever starts it again', () => {
    const text = `services:
  migrate: {image: x, restart: on-failure:4}
  web: {image: x, depends_on: {migrate: {condition: service_completed_successfully}}}
`
    expect(workloadsOf(text)).toEqual(['Deployment web', 'Job migrate'])
    const { spec } = objectNamed(convertText(text), 'Job', 'migrate')
    expect([spec.backoffLimit, spec.template.spec.restartPolicy]).toEqual([4, 'OnFailure'])
  })
})

test('a job of three runs three pods', () => {
  const { spec } = objectNamed(
    convertText('services: {a: {image: x, deploy: {mode: replicated-job, replicas: 3}}}'),
    'Job',
    'a',
  )
  expect(spec).toMatchObject({ completions: 3, parallelism: 3, backoffLimit: 0 })
})

test('a restart that Kubernetes does not do is told with its line', () => {
  const conversion = convertText('services:\n  a:\n    image: x\n    restart: on-failure:3\n')
  expect(lossesOf(conversion)).toEqual(['KUBERNETES_RESTART 4 services.a.restart'])
})

describe('depends_on', () => {
  const web = (condition: string, db = 'image: x'): ReturnType<typeof convertText> =>
    convertText(
      `services:\n  web: {image: x, depends_on: {db: {condition: ${condition}}}}\n  db: {${db}, healthcheck: {test: [CMD, ok]}}\n`,
    )
  const waitsOf = (conversion: ReturnType<typeof convertText>): readonly unknown[] =>
    objectNamed(conversion, 'Deployment', 'web').spec.template.spec.initContainers ?? []

  test('on what has started waits for nothing', () => {
    expect(waitsOf(web('service_started'))).toEqual([])
  })

  test('on what is healthy dials its port', () => {
    const conversion = web('service_healthy', 'image: x, expose: ["5432"]')
    expect(waitsOf(conversion)).toMatchObject([
      { name: 'wait-for-db', command: ['/bin/sh', '-c', 'until nc -z -w 2 db 5432; do sleep 1; done'] },
    ])
    expect(namesOf(conversion).filter(name => name.startsWith('Role'))).toEqual([])
  })

  test('on what is healthy and has no port asks the API server, with a token that no other container has', () => {
    const conversion = web('service_healthy')
    expect(waitsOf(conversion)).toMatchObject([
      { args: ['rollout', 'status', '--timeout=0s', 'deployment/db'] },
    ])
    const { spec } = objectNamed(conversion, 'Deployment', 'web').spec.template
    expect([spec.automountServiceAccountToken, spec.serviceAccountName]).toEqual([false, 'shop-waits'])
    expect(spec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts)).toEqual([])
    expect(objectNamed(conversion, 'RoleBinding', 'shop-waits').subjects).toEqual([
      { kind: 'ServiceAccount', name: 'shop-waits', namespace: 'shop' },
    ])
  })

  test('on what has ended waits for the Job', () => {
    expect(waitsOf(web('service_completed_successfully'))).toMatchObject([
      { args: ['wait', '--for=condition=complete', '--timeout=-1s', 'job/db'] },
    ])
  })

  test('from internal networks alone tells that policies are in the way of asking', () => {
    const conversion = convertText(`services:
  a: {image: x, networks: [n], depends_on: {b: {condition: service_completed_successfully}}}
  b: {image: x, networks: [n]}
networks: {n: {internal: true}}
`)
    expect(lossesOf(conversion)).toEqual(['KUBERNETES_DEPENDENCY 2 services.a.depends_on'])
  })
})

test.each([
  ['stop-first', { maxSurge: 0, maxUnavailable: 2 }],
  ['start-first', { maxSurge: 2, maxUnavailable: 0 }],
])('an update is %s', (order, rollingUpdate) => {
  const conversion = convertText(
    `services: {a: {image: x, deploy: {replicas: 4, update_config: {order: ${order}, parallelism: 2, delay: 1500ms, failure_action: rollback}}}}`,
  )
  const { spec } = objectNamed(conversion, 'Deployment', 'a')
  expect(spec).toMatchObject({
    replicas: 4,
    minReadySeconds: 2,
    strategy: { type: 'RollingUpdate', rollingUpdate },
  })
  expect(lossesOf(conversion)).toEqual([
    'KUBERNETES_ATTRIBUTE 1 services.a.deploy.update_config.failure_action',
  ])
})

describe('services of one pod', () => {
  test('are those that share a network namespace: one pod, one name', () => {
    const conversion = convertText(`services:
  vpn: {image: x, ports: ["8080:80"]}
  app: {image: y, network_mode: "service:vpn", stop_grace_period: 1m}
`)
    const { spec } = objectNamed(conversion, 'Deployment', 'vpn').spec.template
    expect(spec.containers.map(({ name, image }) => [name, image])).toEqual([
      ['vpn', 'x'],
      ['app', 'y'],
    ])
    expect(spec.terminationGracePeriodSeconds).toBe(60)
    expect(namesOf(conversion)).not.toContain('Service app')
    expect(namesOf(conversion)).not.toContain('Deployment app')
  })

  test('are those of volumes_from where a volume has no name, and it is the same volume', () => {
    const { spec } = objectNamed(
      convertText('services:\n  a: {image: x, volumes: [/data]}\n  b: {image: y, volumes_from: ["a:ro"]}\n'),
      'Deployment',
      'a',
    ).spec.template
    expect(spec.volumes).toEqual([{ name: 'a-data', emptyDir: {} }])
    expect(spec.containers.map(({ volumeMounts }) => volumeMounts)).toEqual([
      [{ name: 'a-data', mountPath: '/data' }],
      [{ name: 'a-data', mountPath: '/data', readOnly: true }],
    ])
  })

  test('are not those of volumes_from whose volumes have names', () => {
    expect(
      workloadsOf(
        'services:\n  a: {image: x, volumes: ["data:/data"]}\n  b: {image: y, volumes_from: [a]}\nvolumes: {data: }\n',
      ),
    ).toEqual(['StatefulSet a', 'StatefulSet b'])
  })

  test('that listen on the same port are told of', () => {
    const text =
      'services:\n  a: {image: x, ports: ["1:80"]}\n  b: {image: y, pid: "service:a", ports: ["2:80"]}\n'
    expect(lossesOf(convertText(text))).toContain('KUBERNETES_PORT 3 services.b.ports')
  })
})

test('placement is by labels of nodes', () => {
  const conversion = convertText(`services:
  a:
    image: x
    platform: linux/arm64
    deploy:
      placement:
        constraints: ["node.labels.disk == ssd", "node.hostname != n1", "node.role == manager", "engine.version == 1"]
        preferences: [{spread: node.labels.zone}]
        max_replicas_per_node: 1
`)
  const { spec } = objectNamed(conversion, 'Deployment', 'a').spec.template
  expect(spec.nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' })
  expect(
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms,
  ).toEqual([
    {
      matchExpressions: [
        { key: 'disk', operator: 'In', values: ['ssd'] },
        { key: 'kubernetes.io/hostname', operator: 'NotIn', values: ['n1'] },
        { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' },
      ],
    },
  ])
  expect(spec.topologySpreadConstraints?.[0]?.topologyKey).toBe('zone')
  expect(spec.affinity?.podAntiAffinity).toBeDefined()
  expect(lossesOf(conversion).map(loss => loss.split(' ')[0])).toEqual([
    'KUBERNETES_PLACEMENT',
    'KUBERNETES_PLACEMENT',
  ])
})

test('what nodes cannot be spread over is told, and the rest is done', () => {
  const conversion = convertText(
    'services:\n  a:\n    image: x\n    deploy:\n      placement:\n        preferences:\n          - spread: node.labels.zone\n          - spread: rack\n',
  )
  const { topologySpreadConstraints: spread } = objectNamed(conversion, 'Deployment', 'a').spec.template.spec
  expect(spread?.map(({ topologyKey }) => topologyKey)).toEqual(['zone'])
  expect(lossesOf(conversion)).toEqual(['KUBERNETES_PLACEMENT 8 services.a.deploy.placement.preferences[1]'])
})
