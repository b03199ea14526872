import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Answer, answerWith, nameOf } from '../../dns-message.ts'
import { eventually } from '../harness/eventually.ts'
import { pidOfContainer } from '../harness/kill-container.ts'
import { runProgram } from '../harness/run-program.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

// A service that says by which names it goes outside: another machine is a namespace behind a link of the test's own, the name server is the test.
const LINK = `en${process.pid}`
const HOST = '10.97.85.1'
const HOST6 = 'fd00:97:85::1'
const FAR = ['10.97.85.2', '10.97.85.3', '10.97.85.4'] as const
const FAR6 = 'fd00:97:85::2'
const GATEWAY = '10.97.84.1'

const NAMES: Record<string, readonly Answer[]> = {
  'one.example': [{ a: FAR[0], ttl: 5 }],
  'alias.example': [{ cname: 'end.elsewhere' }, { a: FAR[1] }],
  'six.example': [{ aaaa: FAR6 }],
  'deep.below.example': [{ a: FAR[2] }],
  'two.example': [{ a: FAR[2] }],
  'gateway.example': [{ a: GATEWAY }],
  'host.example': [{ a: HOST }],
  'host6.example': [{ aaaa: HOST6 }],
  'metadata.example': [{ a: '169.254.169.254' }],
}

let sandbox: Sandbox
let dns: Socket
let host: Server
const asked: string[] = []

const compose = (...egress: string[]): string => `
name: names
services:
  held:
    image: busybox
    init: true
    command: sleep infinity
    dns: [${HOST}]
    networks: [front]
    x-tscompose: {egress: ${JSON.stringify(egress)}}
  near: {image: busybox, init: true, command: nc -ll -p 80 -e echo near, networks: [front]}
networks:
  front: {enable_ipv6: true, ipam: {config: [{subnet: 10.97.84.0/24}, {subnet: "fd00:97:84::/64"}]}}
`
const POLICY = [
  'one.example:80',
  'alias.example:80',
  'six.example:80',
  '*.below.example:80',
  'gateway.example',
  'host.example',
  'host6.example',
  'metadata.example',
]

const shell = async (line: string): Promise<string> => {
  const { status, stdout, stderr } = await runProgram('sh', ['-c', line], {})
  if (status !== 0) throw new Error(`${line}: ${stderr}`)
  return stdout
}

beforeAll(async () => {
  await shell(`ip netns add ${LINK} && ip link add ${LINK} type veth peer name eth0 netns ${LINK}`)
  await shell(
    `ip addr add ${HOST}/24 dev ${LINK} && ip addr add ${HOST6}/64 dev ${LINK} nodad && ip link set ${LINK} up`,
  )
  const there = [...FAR.map(each => `${each}/24`), `${FAR6}/64`]
  await shell(
    `ip netns exec ${LINK} sh -c '${there.map(each => `ip addr add ${each} dev eth0 ${each.includes(':') ? 'nodad' : ''}`).join(';')}; ip link set eth0 up; ip link set lo up; ip route add default via ${HOST}; ip -6 route add default via ${HOST6}; for port in 80 81; do busybox nc -ll -p $port -e echo far >/dev/null 2>&1 & done'`,
  )
  dns = createSocket('udp4')
  dns.on('message', (question, { address, port }) => {
    const { name, type } = nameOf(question)
    asked.push(name)
    dns.send(
      answerWith(
        question,
        (NAMES[name] ?? []).filter(each => 'cname' in each || (type === 1 ? 'a' in each : 'aaaa' in each)),
      ),
      port,
      address,
    )
  })
  await once(dns.bind(53, HOST), 'listening')
  host = createServer(socket => socket.on('error', () => undefined).end('host\n'))
  await once(host.listen(80, HOST), 'listening')
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write('compose.yaml', compose(...POLICY))
  await sandbox.ok('up', '-d')
})
afterAll(async () => {
  await sandbox?.close()
  dns?.close()
  host?.close()
  await shell(
    `ip netns pids ${LINK} | xargs -r kill; ip netns del ${LINK}; ip link del ${LINK} 2>/dev/null || true`,
  )
})

/** What the held service hears there, if it gets there. */
const hears = async (to: string, port = 80): Promise<string> =>
  (await sandbox.run('exec', '-T', 'held', 'sh', '-c', `nc -w 5 ${to} ${port} </dev/null`)).stdout.trim()
const refused = async (): Promise<readonly Record<string, unknown>[]> =>
  (await sandbox.ok('egress', '--json', 'held')).stdout
    .split('\n')
    .flatMap(line => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]))
const pid = async (): Promise<number> =>
  pidOfContainer(sandbox.env, (await sandbox.ok('ps', '-q', '--no-trunc', 'held')).stdout.trim())
/** The addresses that a set has, with the seconds that each has left. */
const learned = async (set: string): Promise<readonly (readonly [string, number])[]> => {
  const listed = await shell(`nsenter -t ${await pid()} -n nft list set inet tscompose_egress ${set}`)
  return [...listed.matchAll(/([\da-f.:]+) timeout (?:(\d+)m)?(?:(\d+)s)?/g)].map(
    ([, address = '', minutes = 0, seconds = 0]) =>
      [address, Number(minutes) * 60 + Number(seconds)] as const,
  )
}

test('it is told with what is published', async () => {
  const { stdout } = await sandbox.ok('ps', '--exposure', '--format', 'json')
  const place = { address: '', port: '', target: '', interface: '', reach: 'none' }
  expect(JSON.parse(stdout)).toEqual([
    { service: 'held', container: 'names-held-1', egress: POLICY, ...place },
  ])
  expect((await sandbox.ok('ps', '--exposure')).stdout).toContain(`its networks, ${POLICY.join(', ')}`)
})

test('goes to what its names are answered with, from the answer on, and to no address before', async () => {
  expect(await hears(FAR[0])).toBe('')
  expect(await hears('one.example')).toBe('far')
  expect(await hears(FAR[0])).toBe('far')
  expect(await hears('one.example', 81)).toBe('')
  expect(await hears('alias.example')).toBe('far')
  expect(await hears('six.example')).toBe('far')
  expect(await hears(FAR6)).toBe('far')
  expect(await hears('deep.below.example')).toBe('far')
  expect(await hears('near')).toBe('near')
  expect(await learned('name.one.example/4')).toEqual([[FAR[0], 5 + 30]])
})

test('is not told a name that it may not ask for, which nobody outside hears either', async () => {
  for (const name of ['evil.example', 'below.example', 'one.example.evil', 'x.one.example']) {
    const { stdout } = await sandbox.run('exec', '-T', 'held', 'nslookup', '-type=a', name)
    expect(stdout, name).toContain('NXDOMAIN')
    expect(asked).not.toContain(name)
    expect(await refused()).toContainEqual(
      expect.objectContaining({ service: 'held', container: 'held-1', name, questions: expect.any(Number) }),
    )
  }
  // The server itself is the resolver's alone.
  const direct = await sandbox.run('exec', '-T', 'held', 'nslookup', '-type=a', 'evil.example', HOST)
  expect(direct.status).not.toBe(0)
  expect(asked).not.toContain('evil.example')
  expect(await refused()).toContainEqual(
    expect.objectContaining({ address: HOST, protocol: 'udp', port: 53 }),
  )
})

test('does not reach the host, nor what is on the link alone, by names that are answered with these', async () => {
  for (const name of ['host', 'host6', 'gateway', 'metadata'])
    expect(await hears(`${name}.example`), name).toBe('')
  const found = await refused()
  for (const address of [HOST, HOST6, GATEWAY, '169.254.169.254'])
    expect(found).toContainEqual(expect.objectContaining({ address, protocol: 'tcp', port: 80 }))
  // Others are learned, and refused by rules that come first.
  expect((await learned('name.metadata.example/4')).map(([address]) => address)).toEqual(['169.254.169.254'])
  expect(await learned('name.host.example/4')).toEqual([])
  expect(await learned('name.host6.example/6')).toEqual([])
})

test('goes elsewhere from the next up on, in the place where it is', async () => {
  const before = await pid()
  expect(await hears('one.example')).toBe('far')
  expect(await hears('alias.example')).toBe('far')
  sandbox.write('compose.yaml', compose('one.example:81', 'two.example:80'))
  expect((await sandbox.ok('plan')).stdout).toContain('x-tscompose.egress')
  await sandbox.ok('up', '-d')
  expect(await pid()).toBe(before)
  expect(await hears(FAR[1])).toBe('')
  expect(await hears(FAR[0])).toBe('')
  // What the name was answered with before holds for the new port.
  expect(await hears(FAR[0], 81)).toBe('far')
  expect(await hears('two.example')).toBe('far')
  expect(await hears('alias.example')).toBe('')
  expect((await sandbox.ok('plan')).stdout).toContain('Nothing to do')
})

test('learns names while the engine is dead, and by a resolver that was killed', async () => {
  sandbox.write('compose.yaml', compose(...POLICY))
  await sandbox.ok('up', '-d')
  const held = await pid()
  const within = async (line: string): Promise<string> =>
    (await runProgram('nsenter', ['-t', String(held), '-n', '-m', 'sh', '-c', line], {})).stdout.trim()
  await sandbox.killEngine()
  expect(await within('nc -w 5 alias.example 80 </dev/null')).toBe('far')
  const monitor = (await shell(`ps -o ppid= -p ${held}`)).trim()
  await shell(`pkill -KILL -P ${monitor} -f tscompose-relay`)
  await eventually(
    'another resolver answers',
    async () => (await within('nc -w 5 six.example 80 </dev/null')) === 'far',
  )
  expect(await within('nslookup -type=a evil.example || true')).toContain('NXDOMAIN')
})
