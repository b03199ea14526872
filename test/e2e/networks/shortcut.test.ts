// The host's own clients of published ports are connected to the container at once, where that can be, and by its relay where it cannot.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { errnoOf } from '../../../src/diagnostics/index.ts'
import { program, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { pidOfContainer } from '../harness/kill-container.ts'
import { runProgram } from '../harness/run-program.ts'
import { freePort, makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox
let docker: Docker
const ports = { four: 0, six: 0, silent: 0, rules: 0, quick: 0, bulk: 0, spare: 0 }

/** Each client is told its own address, and all that it sees of itself. */
const TELLS = `nc -ll -p 80 -e sh -c 'echo "$$NAME $$(netstat -tn | grep :80 | grep EST)"'`
const MEGABYTES = 64

const compose = (four: number, spare?: number): string => `
name: shortcuts
services:
  four: {image: busybox, init: true, environment: {NAME: four}, command: ${JSON.stringify(TELLS)}, ports: ["${four}:80"]}
  six:
    {image: busybox, init: true, environment: {NAME: six}, command: ${JSON.stringify(TELLS)}, networks: [dual], ports: ["${ports.six}:80"${spare === undefined ? '' : `, "${spare}:80"`}]}
  silent: {image: busybox, init: true, command: sleep infinity, ports: ["${ports.silent}:80"]}
  rules: {image: busybox, init: true, command: sleep infinity, ports: ["${ports.rules}:80"], x-tscompose: {publish: proxy}}
  quick: {image: busybox, init: true, command: nc -ll -p 80 -e echo quick, networks: [dual], ports: ["${ports.quick}:80"]}
  bulk:
    image: busybox
    init: true
    command: nc -ll -p 80 -e sh -c 'dd if=/dev/zero bs=1M count=8 2>/dev/null; read go; dd if=/dev/zero bs=1M count=${MEGABYTES - 8} 2>/dev/null'
    ports: ["${ports.bulk}:80"]
networks:
  dual: {enable_ipv6: true, ipam: {config: [{subnet: 10.98.63.0/24}, {subnet: "fd00:98:63::/64"}]}}
`

beforeAll(async () => {
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort()
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write('compose.yaml', compose(ports.four))
  await sandbox.ok('up', '-d')
  docker = new Docker({ socketPath: sandbox.socket })
  // What a container does when it has begun: it listens.
  for (const name of ['four', 'six'] as const)
    await eventually(`${name} listens`, async () => (await ask(ports[name])).text.startsWith(name))
})
afterAll(() => sandbox.close())

interface Answer {
  readonly text: string
  /** What the client sees of the connection: its own address, and the other one. */
  readonly seen: readonly (string | number | undefined)[]
  /** How it came there. */
  readonly way: 'led' | 'relayed' | 'refused'
}

/** Connects and reads to the end. Who is led has the port that the container sees. */
async function ask(port: number, host = '127.0.0.1', localAddress?: string): Promise<Answer> {
  const socket = connect({ port, host, ...(localAddress === undefined ? {} : { localAddress }) })
  try {
    await connected(socket)
  } catch (error) {
    // The relay resets whom it has accepted for somebody who does not listen.
    return { text: '', seen: [], way: errnoOf(error) === 'ECONNREFUSED' ? 'refused' : 'relayed' }
  }
  const { localPort, remotePort } = socket
  const seen = [socket.localAddress, socket.remoteAddress, remotePort]
  const text = (await all(socket)).toString()
  return { text, seen, way: text.includes(`:${localPort} `) ? 'led' : 'relayed' }
}

/** A client that stays, and says each time that it is asked what it sees of its connection: its own address, and the other one. */
class Watching {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>

  constructor(host: string, port: number) {
    const six = host.includes(':')
    const unpack = six ? 'unpack_sockaddr_in6' : 'unpack_sockaddr_in'
    const family = six ? 'AF_INET6' : 'AF_INET'
    this.#child = spawn('perl', [
      '-MSocket=:all',
      '-e',
      `$| = 1;
       socket(my $s, ${family}, SOCK_STREAM, 0) or die;
       connect($s, ${six ? 'pack_sockaddr_in6' : 'pack_sockaddr_in'}(${port}, inet_pton(${family}, '${host}'))) or die;
       while (<STDIN>) {
         print join(' ', map { inet_ntop(${family}, (${unpack}($_))[1]) } getsockname($s), getpeername($s)), "\\n";
       }`,
    ])
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  async look(): Promise<string> {
    this.#child.stdin.write('look\n')
    return (await this.#lines.next()).value ?? ''
  }

  end(): void {
    this.#child.stdin.end()
  }
}

function monitorOf(id: string): number {
  const status = readFileSync(`/proc/${pidOfContainer(sandbox.env, id)}/status`, 'utf8')
  return Number(/^PPid:\s*(\d+)/m.exec(status)?.[1])
}

function connected(socket: Socket): Promise<void> {
  return new Promise((settle, reject) => {
    socket.once('connect', settle).once('error', reject)
  })
}

/** All that comes; what came before it was cut off, too. */
function all(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  return new Promise(settle => {
    socket.on('data', chunk => chunks.push(chunk))
    socket.once('end', () => socket.end())
    socket.once('error', () => undefined)
    socket.once('close', () => settle(Buffer.concat(chunks)))
  })
}

/** Whether clients are led now: who does not listen refuses them then; the relay takes them first. */
const areLed = async (): Promise<boolean> => (await ask(ports.silent)).way === 'refused'
const eventuallyLed = (): Promise<boolean> => eventually('clients are led', areLed)

test.each([
  ['four', '127.0.0.1', '127.0.0.1'],
  ['four', '127.3.2.1', '127.0.0.1'],
  ['four', '::1', '::1'],
  ['four', '::ffff:127.0.0.1', '127.0.0.1'],
  ['six', '127.0.0.1', '127.0.0.1'],
  ['six', '::1', '::1'],
] as const)('a client of %s by %s is led, and sees whom it has asked for', async (name, host, own) => {
  const port = ports[name]
  const { text, seen, way } = await ask(port, host)
  expect([text.split(' ')[0], way]).toEqual([name, 'led'])
  expect(seen.map(each => String(each).replace('::ffff:', ''))).toEqual([
    own,
    host.replace('::ffff:', ''),
    String(port),
  ])
})

test('who is led is refused where nobody listens', async () => {
  for (const host of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
    expect((await ask(ports.silent, host)).way).toBe('refused')
})

test('a socket with an address of its own has it, by the relay', async () => {
  expect(await ask(ports.four, '127.0.0.1', '127.0.0.1')).toMatchObject({ way: 'relayed' })
  expect((await ask(ports.four, '127.0.0.1', '127.0.0.7')).seen[0]).toBe('127.0.0.7')
  expect(await ask(ports.four, '::1', '::1')).toMatchObject({ way: 'relayed' })
})

const perl = requires(program('perl'))
perl.describe('a socket that is set up otherwise', () => {
  /** Connects by a socket that has been given an option, and prints what it reads, or the errno. */
  const byOption = (host: string, level: number, option: number, value: string, protocol = 0): string =>
    execFileSync('perl', [
      '-MSocket=:all',
      '-e',
      `my ($host, $port) = ('${host}', ${ports.four});
       my $six = $host =~ /:/;
       socket(my $s, $six ? AF_INET6 : AF_INET, SOCK_STREAM, ${protocol}) or die;
       setsockopt($s, ${level}, ${option}, ${value}) or die "option: $!";
       my $to = $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $host)) : pack_sockaddr_in($port, inet_aton($host));
       connect($s, $to) or (print($! + 0), exit);
       my ($own) = $six ? unpack_sockaddr_in6(getsockname $s) : unpack_sockaddr_in(getsockname $s);
       sysread($s, my $text, 1000);
       print $text =~ /:$own / ? 'led' : 'relayed';`,
    ]).toString()
  const [SOL_SOCKET, SO_REUSEADDR, SO_BINDTODEVICE, SO_MARK, IPPROTO_IPV6, IPV6_V6ONLY] = [
    1, 2, 25, 36, 41, 26,
  ]
  const IPPROTO_MPTCP = 262

  test('is served by the relay', () => {
    expect(byOption('127.0.0.1', SOL_SOCKET, SO_BINDTODEVICE, '"lo"')).toBe('relayed')
    expect(byOption('127.0.0.1', SOL_SOCKET, SO_MARK, 'pack("i", 7)')).toBe('relayed')
    expect(byOption('::1', IPPROTO_IPV6, IPV6_V6ONLY, 'pack("i", 1)')).toBe('relayed')
    expect(byOption('::1', IPPROTO_IPV6, IPV6_V6ONLY, 'pack("i", 0)')).toBe('led')
  })

  const told = existsSync('/proc/sys/net/mptcp') && existsSync('/sys/kernel/btf/vmlinux')
  requires({
    what: 'MPTCP and BTF',
    missing: told ? undefined : 'MPTCP or BTF is not in this kernel',
  }).test('is served by the relay where it is one of MPTCP, whose names tell where it went', {}, () => {
    for (const host of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
      expect(byOption(host, SOL_SOCKET, SO_REUSEADDR, '1', IPPROTO_MPTCP)).toBe('relayed')
  })
})

perl.test('who was led sees whom he has asked for, whatever becomes of engines', {}, async () => {
  await eventuallyLed()
  const clients = ['127.0.0.1', '::1', '::ffff:127.0.0.1'].map(host => new Watching(host, ports.bulk))
  const asked = ['127.0.0.1 127.0.0.1', '::1 ::1', '::ffff:127.0.0.1 ::ffff:127.0.0.1']
  const seen = (): Promise<string[]> => Promise.all(clients.map(client => client.look()))
  try {
    expect(await seen()).toEqual(asked)
    for (let life = 0; life < 2; life++) {
      await sandbox.killEngine()
      await eventually('the relay serves', async () => !(await areLed()))
      expect(await seen()).toEqual(asked)
      await sandbox.ok('ps')
      await eventuallyLed()
      expect(await seen()).toEqual(asked)
    }
  } finally {
    for (const client of clients) client.end()
  }
})

test('ports that are published by listening sockets alone are, whoever comes', async () => {
  expect((await ask(ports.rules)).way).toBe('relayed')
})

test('a thousand short connections all get their answer', async () => {
  let answers = 0
  // Its queue holds two.
  for (let round = 0; round < 500; round++) {
    const both = await Promise.all(['::1', '127.0.0.1'].map(host => ask(ports.quick, host)))
    answers += both.filter(({ text }) => text === 'quick\n').length
  }
  expect(answers).toBe(1000)
})

describe('a transfer', () => {
  /** Has transfers be in their middle while something is done. How many bytes come of each. */
  const during = async (hosts: readonly string[], act: () => Promise<void>): Promise<readonly number[]> => {
    const sockets = hosts.map(host => connect({ port: ports.bulk, host }))
    await Promise.all(sockets.map(connected))
    const bytes = sockets.map(all)
    await act()
    for (const socket of sockets) socket.write('go\n')
    return (await Promise.all(bytes)).map(({ length }) => length)
  }
  const WHOLE = MEGABYTES * 1024 * 1024
  const listens = async (): Promise<boolean> => {
    const socket = connect({ port: ports.bulk, host: '127.0.0.1' })
    const does = await connected(socket).then(
      () => true,
      () => false,
    )
    socket.destroy()
    return does
  }

  test('goes on when the engine is killed in its middle, and the relay serves who comes then', async () => {
    await eventuallyLed()
    const after: Answer[] = []
    const bytes = await during(['127.0.0.1', '::1'], async () => {
      await sandbox.killEngine()
      await eventually('the relay serves', async () => !(await areLed()))
      after.push(await ask(ports.four), await ask(ports.four, '::1'))
    })
    expect(bytes).toEqual([WHOLE, WHOLE])
    expect(after.map(({ way, text }) => [way, text.split(' ')[0]])).toEqual([
      ['relayed', 'four'],
      ['relayed', 'four'],
    ])
    await sandbox.ok('ps')
    await eventuallyLed()
  })

  test('ends with its monitor, and nobody is led to what was there', async () => {
    const monitor = monitorOf((await sandbox.ok('ps', '-q', 'bulk')).stdout.trim())
    const [bytes] = await during(['127.0.0.1'], async () => {
      process.kill(monitor, 'SIGKILL')
      await eventually('the port is closed', async () => (await ask(ports.bulk)).way === 'refused')
    })
    expect(bytes).toBeLessThan(WHOLE)
    await sandbox.ok('up', '-d')
    await eventually('it listens', listens)
    expect(await during(['::1'], async () => undefined)).toEqual([WHOLE])
  })
})

test('a container that was restarted, or made anew, is the one that clients are led to', async () => {
  for (const command of [
    ['restart', 'four'],
    ['up', '-d', '--force-recreate', 'four'],
  ]) {
    await sandbox.ok(...command)
    const { text } = await eventually('it listens', async () => {
      const answer = await ask(ports.four)
      return answer.way === 'led' ? answer : undefined
    })
    expect(text).toMatch(/^four /)
  }
})

test('a port that goes to another container while they run leads to that one, and one that goes is refused', async () => {
  sandbox.write('compose.yaml', compose(ports.spare))
  await sandbox.ok('up', '-d')
  expect((await ask(ports.four)).way).toBe('refused')
  sandbox.write('compose.yaml', compose(ports.spare, ports.four))
  await sandbox.ok('up', '-d')
  expect(await ask(ports.four, '::1')).toMatchObject({ way: 'led', text: expect.stringMatching(/^six /) })
  expect(await ask(ports.spare)).toMatchObject({ way: 'led', text: expect.stringMatching(/^four /) })
})

test('who listens at that number in a network namespace of another is what its processes reach', async () => {
  const own = await runProgram(
    'unshare',
    [
      '-n',
      'sh',
      '-c',
      `ip link set lo up; busybox nc -l -p ${ports.spare} -e echo own & until busybox nc -w 2 127.0.0.1 ${ports.spare}; do :; done`,
    ],
    {},
  )
  expect(own.stdout).toBe('own\n')
  const inside = await sandbox.run('exec', '-T', 'six', 'nc', '-w', '2', '127.0.0.1', `${ports.spare}`)
  expect([inside.status, inside.stdout]).toEqual([1, ''])
})

test('two engines lead each to their own, and one that goes takes nothing of the other along', async () => {
  const other = makeSandbox()
  const port = await freePort()
  try {
    await other.busybox()
    other.write(
      'compose.yaml',
      `name: others\nservices: {web: {image: busybox, init: true, environment: {NAME: other}, command: ${JSON.stringify(TELLS)}, ports: ["${port}:80"]}}\n`,
    )
    await other.ok('up', '-d')
    await eventually('the other one leads', async () => (await ask(port)).way === 'led')
    expect(await ask(ports.spare)).toMatchObject({ way: 'led', text: expect.stringMatching(/^four /) })
    await other.killEngine()
    await eventually('the other one has its relay', async () => (await ask(port)).way === 'relayed')
    expect(await ask(ports.spare)).toMatchObject({ way: 'led' })
  } finally {
    await other.close('ended')
  }
  expect(await ask(ports.spare)).toMatchObject({ way: 'led' })
})

describe('who goes on sending to a container', () => {
  /** A container that listens, and a client's connection to it. `sends`: goes on sending, until an error. */
  async function deaf(name: string, host: string): Promise<{ id: string; sends: () => Promise<unknown> }> {
    const port = await freePort()
    // What it has read when it ends: a socket with something left in it would be reset.
    const listen = ['sh', '-c', 'while :; do nc -l -p 80 >/dev/null; done']
    const { stdout } = await sandbox.ok('run', '-d', '--name', name, '-p', `${port}:80`, 'silent', ...listen)
    let socket: Socket | undefined
    await eventually('it listens', async () => {
      socket = connect({ port, host, allowHalfOpen: true })
      await connected(socket)
      return true
    })
    const ended = new Promise(settle => {
      socket?.once('error', settle)
    })
    socket?.write(Buffer.alloc(1 << 16))
    const sends = (): Promise<unknown> => {
      const sending = setInterval(() => socket?.write('more'), 20)
      return ended.finally(() => clearInterval(sending))
    }
    return { id: stdout.trim(), sends }
  }
  const ENDED = /^(EPIPE|ECONNRESET|ECONNABORTED)$/

  test.each(['127.0.0.1', '::1'])('hears of its removal (%s)', async host => {
    const name = `deaf-${host === '::1' ? 6 : 4}`
    const { sends } = await deaf(name, host)
    const container = docker.getContainer(name)
    await container.remove({ force: true })
    await eventually('it is gone', () =>
      container.inspect().then(
        () => false,
        () => true,
      ),
    )
    expect(errnoOf(await sends())).toMatch(ENDED)
  })

  test('hears of an end that no engine has seen from the next one', async () => {
    const { id, sends } = await deaf('deaf-alone', '127.0.0.1')
    const pid = monitorOf(id)
    await sandbox.killEngine()
    process.kill(pid, 'SIGKILL')
    await eventually('it is gone', async () => !existsSync(`/proc/${pid}`))
    const hears = sends()
    await sandbox.ok('ps')
    expect(errnoOf(await hears)).toMatch(ENDED)
    await docker.getContainer('deaf-alone').remove({ force: true })
  })
})

test('what listens there when the project is down is itself reached', async () => {
  await sandbox.ok('down')
  expect((await ask(ports.spare)).way).toBe('refused')
  const server = createServer(socket => socket.end('mine'))
  await new Promise<void>(settle => {
    server.listen(ports.spare, '127.0.0.1', settle)
  })
  expect((await ask(ports.spare)).text).toBe('mine')
  server.close()
})
