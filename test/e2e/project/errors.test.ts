import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// What goes wrong is told once, with its place and a hint, and leaves nothing half-made.
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
})
afterAll(() => sandbox.close())

const codes = (stderr: string): string[] =>
  [...stderr.matchAll(/^error ([A-Z_]+)/gm)].map(match => match[1] ?? '')

async function expectNothingRuns(): Promise<void> {
  expect((await sandbox.ok('-p', 'wrong', 'ps', '-a', '-q')).stdout).toBe('')
}

test('several errors of a file are all shown, each with its line', async () => {
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices:\n  web:\n    image: busybox\n    prots: ["80:80"]\n    environment: 5\n    networks: [nowhere]\n',
  )
  const { status, stderr } = await sandbox.run('up', '-d')
  expect(status).toBe(1)
  expect(stderr).toMatch(/compose\.yaml:5:5.*prots/)
  expect(stderr).toMatch(/hint:.*ports/)
  expect(stderr).toMatch(/compose\.yaml:6:\d+/)
  expect(codes(stderr).length).toBeGreaterThanOrEqual(2)
  await expectNothingRuns()
})

test.each([
  ['an undefined network', 'services: {web: {image: busybox, networks: [nowhere]}}'],
  ['a missing required variable', 'services: {web: {image: "${NOT_SET_ANYWHERE:?say which}"}}'],
  [
    'a cycle of dependencies',
    'services: {a: {image: busybox, depends_on: [b]}, b: {image: busybox, depends_on: [a]}}',
  ],
  ['no YAML at all', 'services: [}'],
])('%s is refused before anything is made', async (_name, text) => {
  sandbox.write('compose.yaml', `name: wrong\n${text}\n`)
  const { status, stderr } = await sandbox.run('up', '-d')
  expect(status).toBe(1)
  expect(codes(stderr).length).toBeGreaterThan(0)
  expect(stderr).not.toContain('INTERNAL')
  await expectNothingRuns()
})

test('what the engine would refuse of one service is told before anything of the others is made or changed', async () => {
  const file = (more: string): string =>
    `name: wrong\nservices:\n  web: {image: busybox, command: sleep 60, stop_grace_period: 0s, network_mode: none, labels: {a: "1"}}\n${more}`
  sandbox.write('compose.yaml', file(''))
  await sandbox.ok('up', '-d')
  sandbox.write(
    'compose.yaml',
    file('  db: {image: busybox, mem_limit: 6k}\nvolumes: {v: {}}\n').replace('"1"', '"2"'),
  )
  for (const argv of [['plan'], ['up', '-d'], ['create']]) {
    const { status, stderr } = await sandbox.run(...argv)
    expect([status, codes(stderr)]).toEqual([1, ['MEMORY_INVALID']])
  }
  const docker = new Docker({ socketPath: sandbox.socket })
  expect((await docker.listNetworks()).filter(({ Name }) => Name.startsWith('wrong_'))).toEqual([])
  expect((await docker.listContainers({ all: true })).map(({ Labels }) => Labels['a'])).toEqual(['1'])
  docker.modem.destroy()
  await sandbox.ok('down', '-v')
  await expectNothingRuns()
})

/** A listener on a port of its own, as another program of the host has it. */
async function holdPort(): Promise<{ readonly port: number; readonly release: () => void }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, release: () => server.close() }
}

test('a port that somebody else holds is told with who it is, before anything is made', async () => {
  const { port, release } = await holdPort()
  sandbox.write(
    'compose.yaml',
    `name: wrong\nservices: {web: {image: busybox, command: sleep 60, ports: ["127.0.0.1:${port}:80"]}}\n`,
  )
  for (const argv of [['plan'], ['up', '-d'], ['create', '--dry-run']]) {
    const { status, stderr } = await sandbox.run(...argv)
    const isStarted = argv[0] !== 'create'
    expect([status, codes(stderr)]).toEqual(isStarted ? [1, ['PORT_IN_USE']] : [0, []])
    if (isStarted) expect(stderr).toContain(`(pid ${process.pid}: `)
  }
  await expectNothingRuns()
  release()
  await sandbox.ok('up', '-d')
  // Its own port is no obstacle to the container that takes its place, and is one to another project's.
  await sandbox.ok('up', '-d', '--force-recreate')
  // Also when no list tells it of the container any more.
  const docker = new Docker({ socketPath: sandbox.socket })
  await docker.getNetwork('wrong_default').disconnect({ Container: 'wrong-web-1' })
  await sandbox.ok('up', '-d')
  const other = await sandbox.run('-p', 'other', 'up', '-d')
  expect(codes(other.stderr)).toEqual(['PORT_IN_USE'])
  expect(other.stderr).toContain('container "wrong-web-1"')
  await sandbox.ok('down')
})

test('what two containers of a service cannot have is told once', async () => {
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices: {web: {image: busybox, command: sleep 60, scale: 2, ports: ["192.0.2.250:18300-18301:80"]}}\n',
  )
  const { status, stderr } = await sandbox.run('plan')
  expect([status, codes(stderr)]).toEqual([1, ['HOST_ADDRESS_UNAVAILABLE']])
})

test('what run is told to take and cannot have is blamed on its flag', async () => {
  const { port, release } = await holdPort()
  sandbox.write(
    'compose.yaml',
    `name: wrong\nservices: {web: {image: busybox, container_name: mine, command: sleep 60, ports: ["${port + 1}:80"]}}\n`,
  )
  const published = await sandbox.run('run', '--rm', '-p', `127.0.0.1:${port}:80`, 'web', 'true')
  expect(published.stderr).toMatch(/^error PORT_IN_USE --publish: /m)
  release()
  await sandbox.ok('run', '-d', '--name', 'taken', 'web')
  const named = await sandbox.run('run', '--rm', '--name', 'taken', 'web', 'true')
  expect(named.stderr).toMatch(/^error NAME_IN_USE --name: /m)
  for (const [flag, value, told] of [
    ['--user', 'nosuch', 'USER_UNKNOWN'],
    ['--workdir', 'relative', 'WORKING_DIR_INVALID'],
    ['--cap-add', 'NOPE', 'CAPABILITY_UNKNOWN'],
    ['--cap-drop', 'NOPE', 'CAPABILITY_UNKNOWN'],
    ['--volume', `${sandbox.folder}/compose.yaml:/bin`, 'MOUNT_KIND'],
  ] as const) {
    const refused = await sandbox.run('run', '--rm', flag, value, 'web', 'true')
    expect([flag, refused.stderr]).toEqual([flag, expect.stringMatching(`^error ${told} ${flag}: `)])
  }
  await sandbox.ok('down')
})

test('a name that another container has is told at its place, before anything is made', async () => {
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices:\n  a: {image: busybox, command: sleep 60}\n  web:\n    image: busybox\n    container_name: mine\n',
  )
  const docker = new Docker({ socketPath: sandbox.socket })
  const other = await docker.createContainer({ Image: 'busybox', name: 'mine' })
  for (const argv of [['plan'], ['up', '-d']]) {
    const { status, stderr } = await sandbox.run(...argv)
    expect([status, codes(stderr)]).toEqual([1, ['NAME_IN_USE']])
    expect(stderr).toMatch(/compose\.yaml:6:\d+ services\.web\.container_name/)
  }
  await other.remove()
  await expectNothingRuns()
  await sandbox.ok('up', '-d')
  // Its own name is no obstacle.
  await sandbox.ok('up', '-d', '--force-recreate')
  await sandbox.ok('down')
})

test('a network or a container that network_mode names and that is not there is told at its place', async () => {
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices:\n  a:\n    image: busybox\n    network_mode: word\n  b: {image: busybox, network_mode: "container:nosuch"}\n',
  )
  for (const argv of [['plan'], ['up', '-d']]) {
    const { status, stderr } = await sandbox.run(...argv)
    expect(status).toBe(1)
    expect(stderr).toMatch(/error NETWORK_NOT_FOUND \S*compose\.yaml:5:19 services\.a\.network_mode/)
    expect(stderr).toMatch(/error CONTAINER_NOT_FOUND \S*compose\.yaml:6:37 services\.b\.network_mode/)
  }
  await expectNothingRuns()
})

test('plan and a dry run tell at its place what up will fail at, and make nothing', async () => {
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices:\n  web:\n    image: busybox\n    cap_add: [NET_ADMN]\n    networks: {n: {ipv4_address: 10.99.0.5}}\n' +
      'networks:\n  n: {ipam: {config: [{subnet: 10.77.0.0/24}]}}\n',
  )
  for (const argv of [['plan'], ['up', '-d', '--dry-run']]) {
    const { status, stderr, stdout } = await sandbox.run(...argv)
    expect(status).toBe(1)
    expect(stdout).toContain('+ container wrong-web-1')
    expect(stderr).toMatch(/error CAPABILITY_UNKNOWN \S*compose\.yaml:5:15 services\.web\.cap_add\[0\]/)
    expect(stderr).toMatch(/error ADDRESS_OUTSIDE_SUBNET \S*compose\.yaml:6:34/)
  }
  const { problems } = JSON.parse((await sandbox.run('plan', '--json')).stdout)
  expect(problems).toContainEqual(
    expect.objectContaining({ code: 'CAPABILITY_UNKNOWN', start: { line: 5, column: 15 } }),
  )
  expect((await sandbox.run('config', '-q')).status).toBe(0)
  await expectNothingRuns()
})

test('what the engine refuses is told in the words of the file', async () => {
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices:\n  web:\n    image: busybox\n    sysctls:\n      kernel.panic: 3\n',
  )
  const { status, stderr } = await sandbox.run('up', '-d')
  expect(status).toBe(1)
  expect(stderr).toMatch(
    /error SYSCTL_NOT_NAMESPACED \S*compose\.yaml:6:\d+ services\.web\.sysctls\.kernel\.panic/,
  )
  expect(stderr).not.toContain('HostConfig')
  await sandbox.ok('down')
  await expectNothingRuns()
})

test('places on networks that the engine refuses are told before anything is made', async () => {
  sandbox.write(
    'compose.yaml',
    `name: wrong
services:
  a: {image: busybox, networks: {front: {ipv4_address: 10.9.9.9}}}
  b: {image: busybox, networks: {back: {ipv4_address: 10.9.9.9}}}
  c: {image: busybox, networks: {back: {interface_name: lo}}}
networks: {front: {ipam: {config: [{subnet: 10.97.61.0/24}]}}, back: {}}
volumes: {data: {}}
`,
  )
  const told = ['ADDRESS_OUTSIDE_SUBNET', 'ADDRESS_SUBNET_CHOSEN', 'INTERFACE_NAME']
  const { status, stderr } = await sandbox.run('up', '-d')
  expect(status).toBe(1)
  expect(codes(stderr)).toEqual(told)
  expect(stderr).toMatch(/compose\.yaml:3:\d+ services\.a\.networks\.front\.ipv4_address/)
  expect(codes((await sandbox.run('plan')).stderr)).toEqual(told)
  await expectNothingRuns()
  const docker = new Docker({ socketPath: sandbox.socket })
  expect((await docker.listNetworks()).filter(({ Name }) => Name.startsWith('wrong_'))).toEqual([])
  docker.modem.destroy()
})

test('names and name servers that the engine refuses, and a network of no family, are told before anything is made', async () => {
  sandbox.write(
    'compose.yaml',
    `name: wrong
services:
  a: {image: busybox, networks: {front: {interface_name: net0}, back: {interface_name: net0}}}
  b: {image: busybox, networks: [none], dns: [nowhere], extra_hosts: ["x:nowhere"], hostname: "b b", dns_search: ["b b"]}
  c: {image: busybox, network_mode: "service:a", dns: [192.0.2.1]}
networks: {front: {}, back: {}, none: {enable_ipv4: false}}
`,
  )
  const told = [
    'IPAM_INVALID',
    'INTERFACE_NAME',
    'HOSTNAME_INVALID',
    'HOSTS_INVALID',
    'DNS_INVALID',
    'DNS_INVALID',
    'NETWORK_MODE',
  ]
  for (const argv of [['plan'], ['up', '-d']]) {
    const { status, stderr } = await sandbox.run(...argv)
    expect([status, codes(stderr).sort()]).toEqual([1, told.toSorted()])
    expect(stderr).toMatch(/INTERFACE_NAME \S*compose\.yaml:3:\d+ services\.a\.networks\.\w+\.interface_name/)
    expect(stderr).toMatch(/IPAM_INVALID \S*compose\.yaml:6:\d+ networks\.none/)
  }
  await expectNothingRuns()
  const docker = new Docker({ socketPath: sandbox.socket })
  expect((await docker.listNetworks()).filter(({ Name }) => Name.startsWith('wrong_'))).toEqual([])
  docker.modem.destroy()
})

test('a file that is to lie on a folder, or a folder on a file, is told before anything is made', async () => {
  sandbox.write('file', 'x')
  sandbox.write('folder/file', 'x')
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices:\n  web:\n    image: busybox\n    command: sleep 60\n    volumes:\n      - ./file:/tmp\n      - ./folder:/bin/busybox\n' +
      '      - ./nosuch:/bin/sh\n      - data:/bin/ls\n    configs: [{source: c, target: /etc}]\nconfigs: {c: {file: ./file}}\nvolumes: {data: {}}\n',
  )
  for (const argv of [['plan'], ['up', '-d']]) {
    const { status, stderr } = await sandbox.run(...argv)
    expect(status).toBe(1)
    const places = [...stderr.matchAll(/^error MOUNT_KIND \S*compose\.yaml:\d+:\d+ (\S+):/gm)].map(
      ([, at]) => at,
    )
    expect(places.sort()).toEqual([
      'services.web.configs[0]',
      ...[0, 1, 2, 3].map(index => `services.web.volumes[${index}]`),
    ])
  }
  expect(existsSync(join(sandbox.folder, 'nosuch'))).toBe(false)
  await expectNothingRuns()
})

test('users and groups that the image does not know are told before anything is made, numbers are nobody’s business', async () => {
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices:\n  web: {image: busybox, command: sleep 60, user: nosuch, group_add: ["7", wheel]}\n' +
      '  db: {image: busybox, command: sleep 60, user: "1000:staff"}\n  fine: {image: busybox, command: sleep 60, user: "1000:7"}\n',
  )
  for (const argv of [['plan'], ['up', '-d']]) {
    const { status, stderr } = await sandbox.run(...argv)
    expect(status).toBe(1)
    const told = [...stderr.matchAll(/^error (\w+) \S*compose\.yaml:\d+:\d+ (\S+):/gm)].map(
      ([, code, at]) => `${code} ${at}`,
    )
    expect(told.sort()).toEqual([
      'GROUP_UNKNOWN services.db.user',
      'GROUP_UNKNOWN services.web.group_add[1]',
      'USER_UNKNOWN services.web.user',
    ])
  }
  await expectNothingRuns()
})

test('mounts whose places the image does not decide, or that fit it, are no obstacle', async () => {
  sandbox.write('file', 'x')
  sandbox.write('folder/file', 'x')
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices:\n  web:\n    image: busybox\n    command: sleep 60\n    tmpfs: /bin/none\n    volumes:\n      - ./folder:/mnt\n' +
      '      - ./file:/mnt/file\n      - ./file:/etc/hosts\n      - ./file:/new/file\n      - ./folder:/usr\n      - data:/dev/data\nvolumes: {data: {}}\n',
  )
  await sandbox.ok('up', '-d')
  await sandbox.ok('down', '-v')
})

test('a container of the project itself that network_mode names is told where it may come later', async () => {
  const file = (dependsOn: string): string =>
    'name: wrong\nservices:\n  a: {image: busybox, command: sleep 60, network_mode: "container:wrong-a-1"}\n' +
    `  b: {image: busybox, command: sleep 60, network_mode: "container:wrong-c-1"${dependsOn}}\n` +
    '  c: {image: busybox, command: sleep 60}\n'
  sandbox.write('compose.yaml', file(''))
  for (const argv of [['plan'], ['up', '-d']]) {
    const { status, stderr } = await sandbox.run(...argv)
    expect([status, codes(stderr)]).toEqual([1, ['CONTAINER_NOT_FOUND', 'CONTAINER_NOT_FOUND']])
    expect(stderr).toMatch(/compose\.yaml:3:\d+ services\.a\.network_mode/)
    expect(stderr).toMatch(/compose\.yaml:4:\d+ services\.b\.network_mode/)
  }
  await expectNothingRuns()
  // Whoever waits for it finds it there, and a second time it is there anyway.
  sandbox.write('compose.yaml', file(', depends_on: [c]'))
  await sandbox.ok('up', '-d', 'b')
  sandbox.write('compose.yaml', file(''))
  await sandbox.ok('up', '-d', '--force-recreate', '--no-deps', 'b')
  await sandbox.ok('down')
})

test('an external network that is not there is told at its place', async () => {
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices: {web: {image: busybox, networks: [n], volumes: ["v:/v"]}}\nnetworks:\n  n: {external: true}\nvolumes:\n  v: {}\n',
  )
  expect((await sandbox.run('plan')).stderr).toMatch(
    /error EXTERNAL_NETWORK_NOT_FOUND \S*compose\.yaml:4:6 networks\.n/,
  )
})

test('a missing build context is told before anything is made', async () => {
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices:\n  web: {image: busybox, command: sleep 60}\n  app: {build: ./not-there}\n',
  )
  const { status, stderr } = await sandbox.run('up', '-d')
  expect(status).toBe(1)
  expect(codes(stderr)).toEqual(['BUILD_CONTEXT_NOT_FOUND'])
  await expectNothingRuns()
})

test('an image that cannot be had is told by name', async () => {
  sandbox.write('compose.yaml', 'name: wrong\nservices: {web: {image: "localhost:1/nobody/has-this:9"}}\n')
  const { status, stderr } = await sandbox.run('up', '-d')
  expect(status).toBe(1)
  expect(stderr).toContain('localhost:1/nobody/has-this:9')
  await sandbox.ok('down')
  await expectNothingRuns()
})

test('a failing build step shows its line and its output, and leaves no image', async () => {
  sandbox.write('compose.yaml', 'name: wrong\nservices: {web: {build: ./broken}}\n')
  sandbox.write('broken/Dockerfile', 'FROM busybox\nRUN echo before-the-end && exit 3\n')
  const { status, stderr } = await sandbox.run('up', '-d')
  // As of the command that failed.
  expect(status).toBe(3)
  expect(stderr).toContain('before-the-end')
  expect(stderr).toMatch(/Dockerfile:2/)
  await sandbox.ok('down')
  await expectNothingRuns()
})

test('an unhealthy dependency stops what needs it, and says which', async () => {
  sandbox.write(
    'compose.yaml',
    `name: wrong
services:
  web: {image: busybox, command: sleep 60, depends_on: {db: {condition: service_healthy}}}
  db: {image: busybox, command: sleep 60, healthcheck: {test: [CMD, "false"], interval: 100ms, retries: 2}}
`,
  )
  const { status, stderr } = await sandbox.run('up', '-d')
  expect(status).toBe(1)
  expect(stderr).toContain('db')
  const rows = (await sandbox.ok('ps', '--format', 'json')).stdout
  expect(rows).not.toContain('wrong-web-1"')
  await sandbox.ok('down', '-t', '0')
  await expectNothingRuns()
})

test('flags that exclude each other are refused', async () => {
  const { status, stderr } = await sandbox.run('up', '--build', '--no-build')
  expect(status).toBe(1)
  expect(codes(stderr)).toEqual(['FLAG_CONFLICT'])
})

test('who reads the output may go: the command ends as by SIGPIPE and reports nothing', async () => {
  const running = sandbox.start('--help')
  running.child.stdout?.destroy()
  expect(await running.ended).toEqual({ status: 141, stdout: '', stderr: '' })
})

test('descriptors that have run out are told, whatever is wanted one for', async () => {
  sandbox.write('compose.yaml', 'name: wrong\nservices: {web: {image: busybox, command: sleep 60}}\n')
  await eventually('the engine has ended', () => sandbox.enginePid() === undefined)
  const up = (limit: number): string => {
    const shell = [`ulimit -n ${limit}; exec "$0" up -d`, resolve('bin/tscompose')]
    return spawnSync('sh', ['-c', ...shell], { cwd: sandbox.folder, env: sandbox.env, encoding: 'utf8' })
      .stderr
  }
  // With how many Node itself begins, and we cannot begin an engine, is another number with each version of it.
  const limits = Array.from({ length: 11 }, (_, index) => 18 + index)
  expect(limits.some(limit => codes(up(limit)).includes('FD_LIMIT'))).toBe(true)
})

test('output that cannot be written is told in a sentence, and work whose words are lost goes on', () => {
  sandbox.write('compose.yaml', 'name: wrong\nservices: {a: {image: busybox, command: "true"}}\n')
  const shell = (line: string): { status: number | null; stderr: string } => {
    const { status, stderr } = spawnSync('sh', ['-c', line, resolve('bin/tscompose')], {
      cwd: sandbox.folder,
      env: sandbox.env,
      encoding: 'utf8',
    })
    return { status, stderr }
  }
  for (const command of ['ps -a', 'config', '--help', 'plan']) {
    const told = shell(`"$0" ${command} > /dev/full`)
    expect(told.status).toBe(1)
    expect(told.stderr).toMatch(/^error OUTPUT_LOST .*\n$/)
    expect(shell(`"$0" ${command} > /dev/full 2> /dev/full`).status).toBe(1)
  }
  expect(shell('"$0" up -d 2> /dev/full').status).toBe(0)
  expect(shell('"$0" down 2> /dev/full').status).toBe(0)
})

test('a place that can keep nothing is an error for every command, not an empty list', async () => {
  const nowhere = makeSandbox({ root: '/proc/x' })
  try {
    nowhere.write('compose.yaml', 'name: wrong\nservices: {a: {image: busybox}}\n')
    for (const command of [['ps'], ['ps', '-a'], ['logs'], ['up', '-d']]) {
      const { status, stderr } = await nowhere.run(...command)
      expect(status).toBe(1)
      expect(stderr).toContain('"/proc/x" is not there and cannot be made')
    }
  } finally {
    rmSync(dirname(nowhere.folder), { recursive: true })
  }
})

test('a bind whose source no file system can have does not hold the engine', async () => {
  sandbox.write(
    'compose.yaml',
    'name: wrong\nservices: {a: {image: busybox, command: "true", volumes: ["/proc/nosuch:/x"]}}\n',
  )
  const { status, stderr } = await sandbox.run('up', '-d')
  expect([status, codes(stderr)]).toEqual([1, ['FOLDER_UNUSABLE']])
  await sandbox.ok('down')
})

test('a service that nobody has is not one to be brought up', async () => {
  const { status, stderr } = await sandbox.run(
    '-p',
    'elsewhere',
    '--project-directory',
    '/',
    'exec',
    'nosuch',
    'true',
  )
  expect(status).toBe(1)
  expect(stderr).not.toContain('up -d')
})
