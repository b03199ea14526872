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

  test('on the health of what no probe asks is told, since it is ready as soon as it runs', () => {
    const text = (db: string): string =>
      `services:\n  web: {image: x, depends_on: {db: {condition: service_healthy}}}\n  db: {image: x, ${db}}\n`
    for (const db of ['expose: ["80"]', 'healthcheck: {disable: true}', 'x-tscompose: {run_once: true}'])
      expect(lossesOf(convertText(text(db)))).toEqual(['KUBERNETES_DEPENDENCY 2 services.web.depends_on.db'])
    expect(lossesOf(convertText(text('healthcheck: {test: [CMD, ok]}')))).toEqual([])
  })

  test('on the end of what does not end waits for nothing, and is told', () => {
    const conversion = web(
      'service_completed_successfully',
      'image: x, x-tscompose-kubernetes: {kind: deployment}',
    )
    expect(waitsOf(conversion)).toEqual([])
    expect(lossesOf(conversion)).toEqual(['KUBERNETES_DEPENDENCY 2 services.web.depends_on.db'])
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

describe('a pod of which a node takes one alone', () => {
  const strategyOf = (service: string): unknown =>
    objectNamed(convertText(`services: {a: {image: x, ${service}}}`), 'Deployment', 'a').spec.strategy

  test.each([
    ['ports of the node', 'network_mode: host, expose: ["80"]'],
    [
      'ports of the node and start-first',
      'network_mode: host, expose: ["80"], deploy: {update_config: {order: start-first}}',
    ],
    ['one a node', 'deploy: {placement: {max_replicas_per_node: 1}}'],
  ])('ends before the next one starts: %s', (_, service) => {
    expect(strategyOf(service)).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    })
  })

  test('is updated as Kubernetes does by itself where it binds no port', () => {
    expect(strategyOf('network_mode: host')).toBeUndefined()
  })

  test('of a DaemonSet never starts first, and that is told', () => {
    const conversion = convertText(
      'services:\n  a: {image: x, network_mode: host, expose: ["80"], deploy: {mode: global, update_config: {order: start-first}}}\n',
    )
    expect(objectNamed(conversion, 'DaemonSet', 'a').spec.updateStrategy?.rollingUpdate).toEqual({
      maxUnavailable: 1,
    })
    expect(lossesOf(conversion)).toEqual(['KUBERNETES_ATTRIBUTE 2 services.a.deploy.update_config.order'])
  })
})

describe('services of one pod', () => {
  test('have the names of the file, and what is ours gives way', () => {
    const { spec } = objectNamed(
      convertText(`services:
  db:
    image: x
    volumes: ["api-access:/v"]
    pre_start: [{command: [a]}]
    depends_on: {dep: {condition: service_completed_successfully}}
  wait-for-dep: {image: x, network_mode: "service:db"}
  db-pre-start-1: {image: x, network_mode: "service:db"}
  dep: {image: x}
volumes: {api-access: }
`),
      'StatefulSet',
      'db',
    ).spec.template
    expect(spec.containers.map(({ name }) => name)).toEqual(['db', 'db-pre-start-1', 'wait-for-dep'])
    expect(spec.initContainers?.map(({ name }) => name)).toEqual(['wait-for-dep-2', 'db-pre-start-1-2'])
    const names = spec.volumes?.map(({ name }) => name)
    expect(new Set(names).size).toBe(2)
    const [, access] = names ?? []
    expect(spec.initContainers?.[0]?.volumeMounts?.map(({ name }) => name)).toEqual([access])
  })

  test('have volumes apart that are called alike and are of several kinds', () => {
    const { spec } = objectNamed(
      convertText(`services:
  host: {image: x, tmpfs: [/x], volumes: ["same:/v", {type: bind, source: /x, target: /b}], configs: [same], x-tscompose-kubernetes: {binds: node}}
volumes: {same: {name: same}}
configs: {same: {name: same, content: c}}
`),
      'StatefulSet',
      'host',
    ).spec.template
    const names = spec.volumes?.map(({ name }) => name) ?? []
    expect([names.length, new Set(names).size]).toEqual([4, 4])
  })

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

test('a constraint on a value that no label has is left out, and told', () => {
  const conversion = convertText(
    'services:\n  a:\n    image: x\n    deploy: {placement: {constraints: ["node.labels.v==a value with spaces"]}}\n',
  )
  expect(objectNamed(conversion, 'Deployment', 'a').spec.template.spec.affinity).toBeUndefined()
  expect(lossesOf(conversion)).toEqual(['KUBERNETES_PLACEMENT 4 services.a.deploy.placement.constraints[0]'])
})

test('what nodes cannot be spread over is told, and the rest is done', () => {
  const conversion = convertText(
    'services:\n  a:\n    image: x\n    deploy:\n      placement:\n        preferences:\n          - spread: node.labels.zone\n          - spread: rack\n',
  )
  const { topologySpreadConstraints: spread } = objectNamed(conversion, 'Deployment', 'a').spec.template.spec
  expect(spread?.map(({ topologyKey }) => topologyKey)).toEqual(['zone'])
  expect(lossesOf(conversion)).toEqual(['KUBERNETES_PLACEMENT 8 services.a.deploy.placement.preferences[1]'])
})
