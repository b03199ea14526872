// Hosts that are otherwise than this one, each a network namespace of its own: without IPv6, and with routes that come later.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { pidOfContainer } from '../harness/kill-container.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** Links as they are there: a sysfs, on this folder, shows those of the namespace that it was mounted in. */
const sysfs = (own: string): string =>
  [
    `mkdir ${own} && mount -t sysfs none ${own}`,
    `for each in devices/virtual/net class/net; do mount --bind ${own}/$each /sys/$each; done`,
  ].join(' && ')

/** A host: an engine and its commands in a network namespace that one sleeping process holds. */
class OwnHost {
  readonly sandbox: Sandbox = makeSandbox()
  readonly #holder: ChildProcess = spawn('unshare', ['-n', '-m', 'sleep', '1000'], { stdio: 'ignore' })

  async open(...settings: string[]): Promise<void> {
    const own = readlinkSync('/proc/self/ns/net')
    await eventually('it has its namespace', () => readlinkSync(`/proc/${this.#holder.pid}/ns/net`) !== own)
    this.sh('ip link set lo up')
    this.sh(sysfs(join(this.sandbox.folder, 'sysfs')))
    for (const line of settings) this.sh(line)
    // The engine of a build is the sandbox's engine: it must begin here.
    this.sandbox.write('compose.yaml', 'name: own\nservices: {}\n')
    await this.busybox()
  }

  /** A shell line in the namespace. */
  sh(line: string): string {
    const { status, stdout, stderr } = spawnSync('nsenter', this.#inside('sh', '-c', line), {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${line}: ${stderr}`)
    return stdout
  }

  run(...args: string[]): {
    readonly status: number | null
    readonly stdout: string
    readonly stderr: string
  } {
    const { folder, env } = this.sandbox
    return spawnSync('nsenter', this.#inside(resolve('bin/tscompose'), ...args), {
      cwd: folder,
      env,
      encoding: 'utf8',
    })
  }

  ok(...args: string[]): string {
    const { status, stdout, stderr } = this.run(...args)
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stdout}${stderr}`)
    return stdout + stderr
  }

  /** A process in the namespace; resolves when it has printed something. */
  async start(...command: string[]): Promise<ChildProcess> {
    const child = spawn('nsenter', this.#inside(...command), { stdio: ['ignore', 'pipe', 'inherit'] })
    if (child.stdout !== null) await once(child.stdout, 'data')
    return child
  }

  /** The first process of a service's container, as its monitor has written it down. */
  pidOf(service: string): number {
    const [id = ''] = this.ok('ps', '-q', '--no-trunc', service).trim().split('\n')
    return pidOfContainer(this.sandbox.env, id)
  }

  async busybox(): Promise<void> {
    this.sandbox.write(
      'busybox/Dockerfile',
      'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\nRUN mkdir -p /etc /tmp\n',
    )
    spawnSync('cp', ['/bin/busybox', resolve(this.sandbox.folder, 'busybox/busybox')])
    this.sandbox.write('build.yaml', 'name: own\nservices: {b: {build: ./busybox, image: busybox}}\n')
    this.ok('-f', 'build.yaml', 'build')
  }

  async close(): Promise<void> {
    this.run('down', '-t', '0')
    await this.sandbox.close('ended')
    this.#holder.kill('SIGKILL')
  }

  #inside(...command: string[]): string[] {
    return ['-t', String(this.#holder.pid), '-n', '-m', '--', 'env', '-C', this.sandbox.folder, ...command]
  }
}

describe('a host without IPv6', () => {
  const host = new OwnHost()
  beforeAll(() =>
    host.open(
      'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6',
    ),
  )
  afterAll(() => host.close())

  test('has networks, names and ports of IPv4', async () => {
    host.sandbox.write(
      'compose.yaml',
      'name: own\nservices:\n  web: {image: busybox, init: true, command: nc -ll -p 80 -e echo web, ports: ["8080:80"]}\n  app: {image: busybox, init: true, command: sleep 1000}\n',
    )
    host.ok('up', '-d')
    await eventually('the name leads there', () =>
      host.ok('exec', '-T', 'app', 'nc', '-w', '3', 'web', '80').includes('web'),
    )
    await eventually('the port leads there', () =>
      host.sh('busybox nc -w 3 127.0.0.1 8080 </dev/null').includes('web'),
    )
    expect(host.ok('plan')).toContain('Nothing to do')
  })
})

describe('routes of the host', () => {
  const host = new OwnHost()
  beforeAll(async () => {
    await host.open(
      'ip link add lan type veth peer name far',
      'ip addr add 10.77.0.2/24 dev lan',
      'ip link set lan up; ip link set far up',
    )
    host.sandbox.write(
      'compose.yaml',
      `name: own
services:
  a: {image: busybox, init: true, command: sleep 1000, networks: [one]}
  b: {image: busybox, init: true, command: sleep 1000, networks: [two]}
  c: {image: busybox, init: true, command: sleep 1000, networks: [given]}
networks:
  one: {}
  two: {}
  given: {ipam: {config: [{subnet: 10.77.1.0/24}]}}
`,
    )
    host.ok('up', '-d')
  })
  afterAll(() => host.close())

  /** Container and address of each service. */
  const seen = (): Record<string, string> =>
    Object.fromEntries(
      ['a', 'b', 'c'].map(service => [
        service,
        `${host.ok('ps', '-q', service).trim()} ${host.ok('exec', '-T', service, 'ip', '-4', '-o', 'addr', 'show', 'eth0')}`,
      ]),
    )
  const subnetOf = (service: string): string =>
    /inet (\d+\.\d+\.\d+)\./.exec(seen()[service] ?? '')?.[1] ?? ''

  test('one that comes later is seen, and only the network that it overlaps has other addresses then', () => {
    const before = seen()
    const subnet = subnetOf('a')
    host.sh(`ip route add ${subnet}.0/25 dev lan; ip route add 10.77.1.0/25 dev lan`)
    const plan = host.ok('plan')
    expect(plan).toContain('own_one')
    expect(plan).toContain(`${subnet}.0/25 leads to lan`)
    for (const kept of ['own_two', 'own_given', 'own-b-1', 'own-c-1']) expect(plan).not.toContain(kept)
    host.ok('up', '-d')
    const after = seen()
    expect([after['b'], after['c']]).toEqual([before['b'], before['c']])
    expect(subnetOf('a')).not.toBe(subnet)
    expect(host.ok('plan')).toContain('Nothing to do')
  })

  test('a subnet that is asked for and that the host has already is told', () => {
    host.sandbox.write(
      'same.yaml',
      'name: same\nservices: {a: {image: busybox, init: true, command: sleep 1000}}\nnetworks: {default: {ipam: {config: [{subnet: 10.77.0.0/24, gateway: 10.77.0.9}]}}}\n',
    )
    const told = host.ok('-f', 'same.yaml', 'up', '-d')
    expect(told).toMatch(/10\.77\.0\.0\/24.*lan/)
    host.ok('-f', 'same.yaml', 'down', '-t', '0')
  })
})

describe('a host whose resolvers change', () => {
  const host = new OwnHost()
  const SOMEBODY = '127.0.0.53' // where systemd-resolved has its stub
  const NOBODY = '127.0.0.99'
  let server: ChildProcess | undefined
  beforeAll(async () => {
    const { folder } = host.sandbox
    const binary = join(folder, 'name-server')
    execFileSync('gcc', ['-static', '-O1', '-o', binary, 'native/test/name-server.c'])
    await host.open(
      `mkdir ${folder}/etc && mount -t tmpfs none ${folder}/etc && mkdir ${folder}/etc/upper ${folder}/etc/work`,
      `mount -t overlay -o lowerdir=/etc,upperdir=${folder}/etc/upper,workdir=${folder}/etc/work none /etc`,
      `rm /etc/resolv.conf; mkdir /etc/stub; ln -s stub/resolv.conf /etc/resolv.conf; ${says(NOBODY)}`,
    )
    server = await host.start(binary, SOMEBODY)
    host.sandbox.write(
      'compose.yaml',
      'name: own\nservices:\n  app: {image: busybox, init: true, command: sleep 1000}\n  own: {image: busybox, init: true, command: sleep 1000, dns: [127.0.0.99]}\n',
    )
    host.ok('up', '-d')
  })
  afterAll(async () => {
    await host.close()
    server?.kill('SIGKILL')
  })

  /** A line that replaces the file, by rename, behind the link. */
  const says = (server: string): string =>
    `echo nameserver ${server} >/etc/stub/next && mv /etc/stub/next /etc/stub/resolv.conf`
  const asks = (service: string): string =>
    host.run('exec', '-T', service, 'nslookup', '-type=a', 'a.example', '127.0.0.11').stdout

  test('is followed by containers that run, with an engine and without', async () => {
    expect(asks('app')).not.toContain('192.0.2.53')
    host.sh(says(SOMEBODY))
    await eventually('it has an answer', () => asks('app').includes('192.0.2.53'))
    host.sh(`rm /etc/resolv.conf; echo 'nameserver ${NOBODY}' >/etc/resolv.conf`)
    expect(asks('app')).not.toContain('192.0.2.53')
    // No engine runs from here on: the next command would start one.
    const pid = host.pidOf('app')
    await host.sandbox.killEngine()
    host.sh(`echo 'nameserver ${SOMEBODY}' >/etc/resolv.conf`)
    const inside = `nsenter -t ${pid} -n busybox nslookup -type=a a.example 127.0.0.11 || :`
    await eventually('the relay has followed', () => host.sh(inside).includes('192.0.2.53'))
    expect(host.sandbox.enginePid()).toBeUndefined()
    expect(asks('own')).not.toContain('192.0.2.53')
  })
})
