import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { load } from '../parser/index.ts'
import { type Operation, type Plan, planUp } from '../planner/index.ts'
import { foreseeProject, withProblems } from './foresee.ts'

const folder = mkdtempSync(join(tmpdir(), 'tscompose-foresee-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n')

function projectOf(text: string) {
  const files = [{ name: join(folder, 'compose.yaml'), text }]
  const { project, diagnostics } = load({ files, workingDir: folder, env: {} })
  if (project === undefined) throw new Error(JSON.stringify(diagnostics))
  return project
}

/** A file with one service whose fourth line is the attribute. */
const service = (attribute: string): string => `services:\n  a:\n    image: x:1\n    ${attribute}\n`

/** `CODE line:column path` of all that is foreseen. */
async function foreseen(text: string): Promise<string[]> {
  return (await foreseeProject(projectOf(text))).map(
    ({ code, range, path }) => `${code} ${range?.start.line}:${range?.start.column} ${path}`,
  )
}

describe('what an engine will refuse is told at its place in the file', () => {
  test.each([
    ['cap_add: [NET_ADMIN, NET_ADMN]', 'CAPABILITY_UNKNOWN 4:26 services.a.cap_add[1]'],
    ['cap_drop: [CHONW]', 'CAPABILITY_UNKNOWN 4:16 services.a.cap_drop[0]'],
    ['security_opt: ["no-new-privileges:maybe"]', 'SECURITY_OPTION_INVALID 4:20 services.a.security_opt[0]'],
    ['security_opt: [nonewprivileges]', 'SECURITY_OPT_INVALID 4:20 services.a.security_opt[0]'],
    [
      'sysctls: {net.core.somaxconn: 1, kernel.panic: 3}',
      'SYSCTL_NOT_NAMESPACED 4:52 services.a.sysctls.kernel.panic',
    ],
    ['ulimits: {nofle: 3}', 'RLIMIT_UNKNOWN 4:22 services.a.ulimits.nofle'],
    ['device_cgroup_rules: ["z 1:3 mr"]', 'DEVICE_RULE_INVALID 4:27 services.a.device_cgroup_rules[0]'],
    ['devices: ["/dev/null:/dev/x:rwz"]', 'DEVICE_INVALID 4:15 services.a.devices[0].source'],
    ['devices: ["/dev/null", "/dev/none-of-them"]', 'DEVICE_NOT_FOUND 4:28 services.a.devices[1].source'],
    ['ipc: hsot', 'NAMESPACE_MODE 4:10 services.a.ipc'],
    ['pid: hsot', 'NAMESPACE_MODE 4:10 services.a.pid'],
    ['uts: hsot', 'NAMESPACE_MODE 4:10 services.a.uts'],
    ['userns_mode: hsot', 'NAMESPACE_MODE 4:18 services.a.userns_mode'],
    ['restart: sometimes', 'RESTART_INVALID 4:14 services.a.restart'],
    [
      'deploy: {restart_policy: {condition: never}}',
      'RESTART_INVALID 4:42 services.a.deploy.restart_policy.condition',
    ],
    ['isolation: hyperv', 'ISOLATION_INVALID 4:16 services.a.isolation'],
    ['stop_signal: SIGTRM', 'SIGNAL_INVALID 4:18 services.a.stop_signal'],
    ['logging: {driver: json-fle}', 'LOG_DRIVER 4:23 services.a.logging.driver'],
    [
      'logging: {driver: local, options: {maxsize: 10m}}',
      'LOG_OPTION 4:49 services.a.logging.options.maxsize',
    ],
    ['dns: [9.9.9.9, 300.1.1.1]', 'DNS_INVALID 4:20 services.a.dns[1]'],
    ['extra_hosts: ["a:300.1.1.1"]', 'HOSTS_INVALID 4:19 services.a.extra_hosts[0]'],
    ['mac_address: "zz:11"', 'MAC_ADDRESS_INVALID 4:18 services.a.mac_address'],
    ['hostname: "a b"', 'HOSTNAME_INVALID 4:15 services.a.hostname'],
    ['environment: ["=x"]', 'ENV_INVALID 4:19 services.a.environment.'],
    ['mem_limit: 1k', 'MEMORY_INVALID 4:16 services.a.mem_limit'],
    ['pids_limit: 4194305', 'PIDS_INVALID 4:17 services.a.pids_limit'],
    ['cpuset: a-b', 'CPU_INVALID 4:13 services.a.cpuset'],
    ['ports: [{target: 80, protocol: tpc}]', 'PORT_INVALID 4:13 services.a.ports[0]'],
    ['working_dir: here', 'WORKING_DIR_INVALID 4:18 services.a.working_dir'],
    ['user: "-1"', 'USER_INVALID 4:11 services.a.user'],
    ['user: "1:x y"', 'USER_INVALID 4:11 services.a.user'],
    ['group_add: [daemon, "-1"]', 'USER_INVALID 4:25 services.a.group_add[1]'],
    ['tmpfs: "/t:size=banana"', 'SIZE_INVALID 4:12 services.a.tmpfs[0]'],
    ['tmpfs: ["/s", "/t:mode=9"]', 'MOUNT_INVALID 4:19 services.a.tmpfs[1]'],
    ['expose: [80, abc]', 'ATTRIBUTE_NOT_APPLIED 4:18 services.a.expose[1]'],
    ['cpu_count: 2', 'ATTRIBUTE_NOT_APPLIED 4:16 services.a.cpu_count'],
    ['build: ./none', 'BUILD_CONTEXT_NOT_FOUND 4:12 services.a.build'],
    ['build: {context: ., dockerfile: None}', 'DOCKERFILE_NOT_FOUND 4:12 services.a.build'],
  ])('%s', async (attribute, expected) => {
    expect(await foreseen(service(attribute))).toEqual([expected])
  })

  test('the name of an image that no registry could have', async () => {
    expect(await foreseen('services:\n  a:\n    image: Nginx\n')).toEqual([
      'REFERENCE_INVALID 3:12 services.a.image',
    ])
  })

  test('the missing files of secrets and configs', async () => {
    const text =
      'services:\n  a: {image: x, secrets: [s], configs: [c]}\nsecrets: {s: {file: ./s}}\nconfigs: {c: {file: ./c}}\n'
    expect(await foreseen(text)).toEqual([
      'SECRET_FILE_NOT_FOUND 2:41 services.a.configs[0]',
      'SECRET_FILE_NOT_FOUND 2:27 services.a.secrets[0]',
    ])
  })
})

describe('of networks', () => {
  const network = (definition: string, attachment = ''): string =>
    `services:\n  a: {image: "x:1", networks: {n: {${attachment}}}}\nnetworks:\n  n: ${definition}\n`

  test.each([
    ['{driver: brige}', '', 'NETWORK_DRIVER 4:15 networks.n.driver'],
    ['{ipam: {driver: defalt}}', '', 'IPAM_DRIVER 4:22 networks.n.ipam.driver'],
    ['{ipam: {config: [{subnet: 10.0.0.0/99}]}}', '', 'IPAM_INVALID 4:32 networks.n.ipam.config[0].subnet'],
    [
      '{ipam: {config: [{subnet: 10.77.0.0/24, gateway: 10.78.0.1}]}}',
      '',
      'IPAM_INVALID 4:55 networks.n.ipam.config[0].gateway',
    ],
    [
      '{ipam: {config: [{subnet: 10.77.0.0/24}]}}',
      'ipv4_address: 10.99.0.5',
      'ADDRESS_OUTSIDE_SUBNET 2:50 services.a.networks.n.ipv4_address',
    ],
    ['{}', 'ipv4_address: 10.99.0.5', 'ADDRESS_SUBNET_CHOSEN 2:31 services.a.networks'],
    ['{}', 'ipv4_address: 1.2.3', 'ADDRESS_INVALID 2:50 services.a.networks.n.ipv4_address'],
    [
      '{}',
      'interface_name: a-name-too-long-for-it',
      'INTERFACE_NAME 2:52 services.a.networks.n.interface_name',
    ],
    ['{}', 'interface_name: all', 'INTERFACE_NAME 2:52 services.a.networks.n.interface_name'],
    ['{enable_ipv4: false}', '', 'IPAM_INVALID 4:6 networks.n'],
  ])('%s %s', async (definition, attachment, expected) => {
    expect(await foreseen(network(definition, attachment))).toEqual([expected])
  })

  test('an address that no container has, also on a network that is there', async () => {
    const definition = '{ipam: {config: [{subnet: 10.77.0.0/24}]}}'
    for (const last of [0, 1, 255]) {
      const project = projectOf(network(definition, `ipv4_address: 10.77.0.${last}`))
      const plan = planUp(project, {
        project: project.name,
        containers: [],
        networks: [],
        volumes: [],
        images: {},
      })
      const operations = plan.operations.filter(({ type }) => type !== 'createNetwork')
      const { problems = [] } = await withProblems({ ...plan, operations }, project, {})
      expect(problems.map(({ code, path }) => `${code} ${path}`)).toContain(
        'ADDRESS_IN_USE services.a.networks.n.ipv4_address',
      )
    }
  })

  test('two services with one address, and two networks with one subnet', async () => {
    const subnet = '{ipam: {config: [{subnet: 10.77.0.0/24}]}}'
    const text = `services:
  a: {image: x, networks: {n: {ipv4_address: 10.77.0.5}}}
  b: {image: x, networks: {n: {ipv4_address: 10.77.0.5}}}
networks:
  n: ${subnet}
  o: ${subnet}
`
    expect(await foreseen(text)).toEqual(['ADDRESS_IN_USE 3:46 services.b.networks.n.ipv4_address'])
    expect(await foreseen(text.replace('{n: {ipv4_address: 10.77.0.5}}}\nnet', '[o]}\nnet'))).toEqual([
      'IPAM_OVERLAP 6:32 networks.o.ipam.config[0].subnet',
    ])
  })
})

describe('nothing is said of', () => {
  test.each([
    [
      'external networks and volumes',
      'services: {a: {image: x, networks: [n], volumes: ["vol:/v"]}}\nnetworks: {n: {external: true}}\nvolumes: {vol: {external: true}}\n',
    ],
    [
      'an address on a network that is there',
      'services: {a: {image: x, networks: {n: {ipv4_address: 10.1.1.1}}}}\nnetworks: {n: {external: true}}\n',
    ],
    ['a service without a command', 'services: {a: {image: x}}\n'],
    ['more processors than this machine has', 'services: {a: {image: x, cpus: 500}}\n'],
    ['a pull that nobody may do', 'services: {a: {image: x, pull_policy: never}}\n'],
    ['a build that a pull comes before', 'services: {a: {image: x/y, build: .}}\n'],
    ['a context at an address', 'services: {a: {build: "https://example.invalid/a.git"}}\n'],
  ])('%s', async (_, text) => {
    expect(await foreseen(text)).toEqual([])
  })
})

test('all that an engine will refuse of a service is told at once', async () => {
  const text =
    'services:\n  a:\n    image: x:1\n    cap_add: [NOPE]\n    sysctls: {kernel.panic: 3}\n    ulimits: {nofle: 3}\n'
  expect((await foreseen(text)).map(line => line.split(' ')[0])).toEqual([
    'CAPABILITY_UNKNOWN',
    'RLIMIT_UNKNOWN',
    'SYSCTL_NOT_NAMESPACED',
  ])
})

test('two services on one port of the host are told, as up would be', async () => {
  expect(
    await foreseen('services:\n  a: {image: x:1, ports: ["80:80"]}\n  b: {image: x:1, ports: ["80:81"]}\n'),
  ).toEqual(['HOST_PORT_TWICE 3:27 services.b.ports[0]'])
})

describe('a plan that is to be shown', () => {
  const NOTHING = { containers: [], networks: [], volumes: [], images: {} }
  const text = 'services:\n  a:\n    image: x:1\n    cap_add: [NONE]\n'
  const planned = (project = projectOf(text)): [Plan, typeof project] => [
    planUp(project, { project: project.name, ...NOTHING }),
    project,
  ]

  test('has what of it will fail, and says in JSON where', async () => {
    const { problems } = await withProblems(...planned(), {})
    expect(problems?.map(({ code }) => code)).toEqual(['CAPABILITY_UNKNOWN'])
  })

  test.each([
    ['mem_limit: 1k', 'MEMORY_INVALID services.a.mem_limit'],
    ['cpus: 9999', 'CPU_INVALID services.a.cpus'],
    ['cpuset: "9999"', 'CPU_INVALID services.a.cpuset'],
    ['stop_signal: SIGFOO', 'SIGNAL_INVALID services.a.stop_signal'],
    ['extra_hosts: ["a:999.1.1.1"]', 'HOSTS_INVALID services.a.extra_hosts[0]'],
    ['healthcheck: {test: "true", interval: 1ns}', 'HEALTHCHECK_INVALID services.a.healthcheck.interval'],
  ])('says what is refused of a container that is changed while it runs: %s', async (attribute, told) => {
    const project = projectOf(service(attribute))
    const [made] = planned(project)[0].operations.filter(each => each.type === 'createContainer')
    if (made?.type !== 'createContainer') throw new Error('nothing is made')
    const adapted = {
      ...made,
      type: 'adaptContainer',
      container: { id: 'x' },
      fields: [],
    } as unknown as Operation
    const { problems } = await withProblems({ ...planned(project)[0], operations: [adapted] }, project, {})
    expect(problems?.map(({ code, path }) => `${code} ${path}`)).toEqual([told])
  })

  test('says what a registry refuses, where no build stands by', async () => {
    const [plan, project] = planned(projectOf('services:\n  a:\n    image: x:1\n'))
    const refused = plan.operations.map(each =>
      each.type === 'pullImage' ? { ...each, registryAnswer: 'not found' as const } : each,
    )
    const { problems } = await withProblems({ ...plan, operations: refused }, project, {})
    expect(problems?.map(({ code, path, range }) => [code, path, range?.start.line])).toEqual([
      ['IMAGE_NOT_FOUND', 'services.a.image', 3],
    ])
  })

  test('leaves to another engine what that engine refuses', async () => {
    const { problems } = await withProblems(...planned(), { DOCKER_HOST: 'unix:///run/docker.sock' })
    expect(problems).toEqual([])
  })
})
