// A service's network is its own as long as somebody is in it: who shares it loses neither it nor a connection, whatever becomes of the container whose it was.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { killContainer } from '../harness/kill-container.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
let sandbox: Sandbox
let docker: Docker

/** A second connection would not know the words of the first. */
const HOLD =
  'mkfifo /tmp/in; exec 3<>/tmp/in; until nc own 8080 </dev/null; do sleep 0.1; done; nc own 8080 <&3 >/tmp/out; sleep 1000'

/** `sib` answers in the network of `own`; `peer` holds one connection to it all the time. */
const file = (settings = ''): string => `name: shared
services:
  own:
    image: busybox
    init: true
    command: sleep 1000
${settings}
  sib:
    image: busybox
    init: true
    command: nc -ll -p 8080 -e cat
    network_mode: service:own
    restart: always
  peer:
    image: busybox
    init: true
    command: [sh, -c, ${JSON.stringify(HOLD)}]
    depends_on: [sib]
`

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  docker = new Docker({ socketPath: sandbox.socket })
  sandbox.write('compose.yaml', file())
  await sandbox.ok('up', '-d')
  await answers('first')
})
afterAll(async () => {
  await sandbox.run('down', '-t', '0')
  docker.modem.destroy()
  await sandbox.close()
})

/** The one connection brings a word there and back. */
async function answers(word: string): Promise<void> {
  await eventually('it has a connection', async () => {
    const { status } = await sandbox.run(
      'exec',
      '-T',
      'peer',
      'sh',
      '-c',
      `test -e /tmp/out && echo ${word} >/tmp/in`,
    )
    return status === 0
  })
  await eventually(
    `${word} comes back`,
    async () => (await sandbox.ok('exec', '-T', 'peer', 'cat', '/tmp/out')).stdout.includes(word),
    60_000,
  )
}

interface Seen {
  readonly id: string
  readonly pid: number
  readonly network: string
  readonly place: unknown
}

async function see(service: string): Promise<Seen> {
  const { Id, State, NetworkSettings } = await docker.getContainer(`shared-${service}-1`).inspect()
  const place = Object.values(NetworkSettings.Networks ?? {}).map(({ IPAddress, MacAddress }) => [
    IPAddress,
    MacAddress,
  ])
  return { id: Id, pid: State.Pid, network: readlinkSync(`/proc/${State.Pid}/ns/net`), place }
}

function monitorOf(id: string): number {
  const status = readFileSync(join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'containers', id, 'status'), 'utf8')
  return Number(/^monitor_pid=(\d+)$/m.exec(status)?.[1])
}

const NETLINK_NETFILTER = '12'

/** How many sockets for rules of the container's network its monitor has. */
function monitorsRuleSockets({ id, pid }: Seen): number {
  const fds = `/proc/${monitorOf(id)}/fd`
  const has = readdirSync(fds).flatMap(fd => /^socket:\[(\d+)\]/.exec(readlinkSync(join(fds, fd)))?.[1] ?? [])
  const sockets = readFileSync(`/proc/${pid}/net/netlink`, 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
  return sockets.filter(each => each[1] === NETLINK_NETFILTER && has.includes(each.at(-1) ?? '')).length
}

/** The same network, address and MAC for the one, the very process for the other, and nothing left to do. */
async function expectKept(before: { own: Seen; sib: Seen }): Promise<void> {
  const [own, sib] = [await see('own'), await see('sib')]
  expect([own.network, own.place]).toEqual([before.own.network, before.own.place])
  expect(sib).toEqual(before.sib)
  expect((await sandbox.run('plan', '--exit-code')).stdout).toContain('Nothing to do')
}

const now = async () => ({ own: await see('own'), sib: await see('sib') })

test('a monitor that is killed takes its container along, and nothing else', async () => {
  const before = await now()
  process.kill(monitorOf(before.own.id), 'SIGKILL')
  await eventually(
    'it has ended',
    async () => !(await docker.getContainer('shared-own-1').inspect()).State.Running,
  )
  await sandbox.ok('up', '-d')
  await expectKept(before)
  await answers('second')
})

test('a restart leaves who shares its network alone, also by an engine that has not seen its start', async () => {
  const before = await now()
  const engine = sandbox.enginePid()
  if (engine !== undefined) process.kill(engine, 'SIGKILL')
  await eventually('the engine is gone', () => sandbox.enginePid() === undefined)
  await sandbox.ok('restart', '-t', '0', 'own')
  await expectKept(before)
  await answers('third')
})

test('a container that takes its place has its network, and names and ports are at work again', async () => {
  const before = await now()
  sandbox.write('compose.yaml', file('    ports: ["127.0.0.1::8080"]\n    environment: {NEW: "1"}'))
  const plan = (await sandbox.ok('plan')).stdout
  expect(plan).toContain('shared-own-1')
  expect(plan).not.toContain('shared-sib-1')
  await sandbox.ok('up', '-d')
  await expectKept(before)
  expect((await see('own')).id).not.toBe(before.own.id)
  await answers('fourth')
  expect(
    (await sandbox.ok('exec', '-T', 'sib', 'nslookup', '-type=a', 'peer', '127.0.0.11')).stdout,
  ).toContain('Address')
  const { NetworkSettings } = await docker.getContainer('shared-own-1').inspect()
  const port = Number(NetworkSettings.Ports?.['8080/tcp']?.[0]?.HostPort)
  await eventually('the published port leads to it', () => echo(port))
})

test('a container that is joined by its name is there before who joins it, from the first up on', async () => {
  sandbox.write(
    'named.yaml',
    'name: named\nservices:\n  a: {image: busybox, init: true, command: sleep 100, container_name: named-y, depends_on: []}\n  b: {image: busybox, init: true, command: sleep 100, network_mode: "container:named-y", depends_on: [a]}\n',
  )
  await sandbox.ok('-f', 'named.yaml', 'up', '-d')
  const [a, b] = await Promise.all(['named-y', 'named-b-1'].map(name => docker.getContainer(name).inspect()))
  expect(readlinkSync(`/proc/${b?.State.Pid}/ns/net`)).toBe(readlinkSync(`/proc/${a?.State.Pid}/ns/net`))
  await sandbox.ok('-f', 'named.yaml', 'down', '-t', '0')
})

test('who shares it restarts by its policy and by order after that', async () => {
  const before = await now()
  killContainer(sandbox.env, before.sib.id)
  await eventually('its policy has started it again', async () => {
    const { State } = await docker.getContainer('shared-sib-1').inspect()
    return State.Pid > 0 && State.Pid !== before.sib.pid
  })
  expect((await see('sib')).network).toBe(before.sib.network)
  await sandbox.ok('restart', '-t', '0', 'sib')
  const after = await now()
  expect([after.sib.network, after.own]).toEqual([before.sib.network, before.own])
  expect(after.sib.pid).not.toBe(before.sib.pid)
})

test('one that nobody shares keeps network, address and MAC when it is restarted or replaced', async () => {
  const before = await see('peer')
  await sandbox.ok('restart', '-t', '0', 'peer')
  const restarted = await see('peer')
  expect([restarted.network, restarted.place]).toEqual([before.network, before.place])
  // Rules have been removed by it: to close it would have waited for the kernel to free them.
  expect(monitorsRuleSockets(restarted)).toBe(1)
  await sandbox.ok('up', '-d', '-t', '0', '--force-recreate', '--no-deps', 'peer')
  const replaced = await see('peer')
  expect([replaced.network, replaced.place]).toEqual([before.network, before.place])
  expect(replaced.id).not.toBe(before.id)
})

test('an address stays taken while somebody lives on with it, and is free with the container’s record', async () => {
  const { own } = await now()
  await sandbox.ok('stop', '-t', '0', 'own')
  const other = await docker.createContainer({
    Image: 'busybox',
    Cmd: ['sleep', '100'],
    HostConfig: { NetworkMode: 'shared_default', Init: true },
  })
  await other.start()
  const { NetworkSettings } = await other.inspect()
  expect(Object.values(NetworkSettings.Networks ?? {})[0]?.IPAddress).not.toBe(
    (own.place as string[][])[0]?.[0],
  )
  await other.remove({ force: true })
  await docker.getContainer('shared-own-1').remove()
  const links = await sandbox.ok('exec', '-T', '--index', '1', 'sib', 'ls', '/sys/class/net')
  expect(links.stdout).not.toContain('eth0')
  await sandbox.ok('up', '-d', '-t', '0')
  const after = await now()
  expect(after.own.network).toBe(after.sib.network)
})

test('a chain of shared networks whose head was removed is put right by up, and stands in nobody else’s way', async () => {
  const member = (rest: string) => `{image: busybox, init: true, command: sleep 1000${rest}}`
  const chained = (...args: readonly string[]) => sandbox.ok('-f', 'chain.yaml', ...args)
  sandbox.write(
    'chain.yaml',
    `name: chain\nservices:\n  x: ${member('')}\n  y: ${member(', network_mode: "service:x"')}\n  z: ${member(', network_mode: "service:y"')}\n  o: ${member('')}\n`,
  )
  sandbox.write('beside.yaml', `name: beside\nservices: {a: ${member('')}}\n`)
  await chained('up', '-d')
  const untouched = (await docker.getContainer('chain-o-1').inspect()).Id
  await chained('rm', '-sf', 'x')
  await sandbox.ok('-f', 'beside.yaml', 'up', '-d')
  // The next engine looks at all of them anew.
  await sandbox.killEngine()
  await chained('up', '-d', '-t', '0')
  const seen = await Promise.all(
    ['x', 'y', 'z', 'o'].map(name => docker.getContainer(`chain-${name}-1`).inspect()),
  )
  const [x, y, z] = seen.map(({ State }) => readlinkSync(`/proc/${State.Pid}/ns/net`))
  expect([y, z, seen[3]?.Id]).toEqual([x, x, untouched])
  expect((await chained('plan')).stdout).toContain('Nothing to do')
  await chained('rm', '-sf', 'x')
  await chained('down', '-t', '0')
  expect(
    await docker.listContainers({ all: true, filters: { label: ['com.docker.compose.project=chain'] } }),
  ).toEqual([])
  await sandbox.ok('-f', 'beside.yaml', 'down', '-t', '0')
})

test('who was alone in its project comes back to its network, too, also where the engine was killed before', async () => {
  const alone = (...args: readonly string[]) => sandbox.ok('-f', 'alone.yaml', ...args)
  const service = '{image: busybox, init: true, command: sleep 1000'
  sandbox.write('alone.yaml', `name: alone\nservices: {a: ${service}}}\n`)
  await alone('up', '-d')
  await sandbox.killEngine()
  await alone('restart', '-t', '0')
  await sandbox.killEngine()
  sandbox.write('alone.yaml', `name: alone\nservices: {a: ${service}, environment: {A: b}}}\n`)
  await alone('up', '-d', '-t', '0')
  await alone('down', '-t', '0')
})

test('who is between two runs comes back to its network, also where the engine was killed before', async () => {
  const failing = (...args: readonly string[]) => sandbox.ok('-f', 'failing.yaml', ...args)
  sandbox.write(
    'failing.yaml',
    'name: failing\nservices: {a: {image: busybox, restart: always, command: sh -c "sleep 0.2; exit 1"}}\n',
  )
  await failing('up', '-d')
  await eventually('it waits for its next run, and for long', async () => {
    const { State, RestartCount } = await docker.getContainer('failing-a-1').inspect()
    return State.Status === 'restarting' && RestartCount > 4
  })
  await sandbox.killEngine()
  await failing('restart', '-t', '0')
  await failing('down', '-t', '0')
})

function echo(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write('hello'))
    socket.once('data', data => {
      resolve(data.toString() === 'hello')
      socket.destroy()
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}
