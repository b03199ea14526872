// Containers with the host's own network, from up to down: what they share, what stays theirs, and what is left untouched.
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { untilNothingIsLeft } from '../harness/inventory.ts'
import { freePort, makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

let sandbox: Sandbox
let port: number
const loopback = (): string => execFileSync('ip', ['-o', 'address', 'show', 'lo'], { encoding: 'utf8' })
const before = loopback()

beforeAll(async () => {
  sandbox = makeSandbox()
  port = await freePort()
  await sandbox.busybox()
  sandbox.write('www/index.html', 'hello\n')
  sandbox.write(
    'compose.yaml',
    `
name: host
x-host: &host {image: busybox, network_mode: host, stop_signal: KILL, command: sleep 1000}
services:
  web: {<<: *host, command: "httpd -f -p 127.0.0.1:${port} -h /www", volumes: ["./www:/www:ro"]}
  init: {<<: *host, init: true, tty: true}
  named:
    <<: *host
    hostname: box
    ports: ["80"]
    dns: 192.0.2.53
    dns_search: inner.test
    extra_hosts: ["db:192.0.2.1"]
    healthcheck: {test: [CMD, wget, -qO-, "http://127.0.0.1:${port}/"], interval: 1s, start_period: 20s, start_interval: 100ms}
  spaces: {<<: *host, uts: host, ipc: host, pid: host, cgroup: host, userns_mode: host}
  all: {<<: *host, privileged: true}
  again: {<<: *host, restart: "on-failure:2", command: sh -c "cat /proc/net/route; exit 3"}
  beside: {image: busybox, network_mode: "service:web", stop_signal: KILL, command: sleep 1000}
`,
  )
})
afterAll(() => sandbox.close())

const RUNNING = ['web', 'init', 'named', 'spaces', 'all', 'beside']
const exec = async (service: string, line: string): Promise<string> =>
  (await sandbox.ok('exec', '-T', service, 'sh', '-c', line)).stdout
const rows = async (): Promise<{ Service: string; State: string; Health: string }[]> =>
  (await sandbox.ok('ps', '-a', '--format', 'json')).stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

test("up starts them all in the host's namespace", async () => {
  showLogOnFailure(sandbox)
  const { stderr } = await sandbox.ok('up', '-d')
  expect(stderr).toMatch(/ENGINE_WARNING services\.named: .*ports are discarded/)
  const own = readlinkSync('/proc/self/ns/net')
  expect(await Promise.all(RUNNING.map(each => exec(each, 'readlink /proc/self/ns/net')))).toEqual(
    RUNNING.map(() => `${own}\n`),
  )
  expect(await eventually('it listens', async () => (await fetch(`http://127.0.0.1:${port}/`)).text())).toBe(
    'hello\n',
  )
  await eventually('the probe reaches it through the loopback', async () =>
    (await rows()).some(row => row.Service === 'named' && row.Health === 'healthy'),
  )
})

test("names and files are the host's, or what the file says", async () => {
  expect((await exec('web', 'hostname; cat /etc/hostname /etc/hosts')).trimEnd()).toBe(
    `${hostname()}\n${hostname()}\n${readFileSync('/etc/hosts', 'utf8').trimEnd()}`,
  )
  const servers = (text: string): string[] => text.split('\n').filter(line => line.startsWith('nameserver'))
  expect(servers(await exec('web', 'cat /etc/resolv.conf'))).toEqual(
    servers(readFileSync('/etc/resolv.conf', 'utf8')),
  )
  expect(await exec('named', 'hostname; grep db /etc/hosts; grep -v "#" /etc/resolv.conf')).toBe(
    'box\n192.0.2.1\tdb\nnameserver 192.0.2.53\nsearch inner.test\n',
  )
})

test('the other namespaces are shared as far as asked', async () => {
  const kinds = ['uts', 'ipc', 'pid', 'cgroup']
  const line = kinds.map(kind => `readlink /proc/self/ns/${kind}`).join(';')
  const own = kinds.map(kind => readlinkSync(`/proc/self/ns/${kind}`))
  const seen = async (service: string): Promise<string[]> => (await exec(service, line)).trim().split('\n')
  expect(await seen('spaces')).toEqual(own)
  for (const service of ['web', 'init', 'all'])
    for (const [index, link] of (await seen(service)).entries()) expect(link).not.toBe(own[index])
  expect((await exec('init', 'cat /proc/1/comm; [ -c /dev/console ] && echo tty')).split('\n')).toContain(
    'tty',
  )
})

test("the host's interfaces and sysctls cannot be changed from inside", async () => {
  for (const service of ['web', 'spaces', 'beside']) {
    const line =
      'ip link add x0 type dummy || echo refused; echo 1 > /proc/sys/net/ipv4/ip_forward || echo refused'
    expect(await exec(service, `(${line}) 2>/dev/null`)).toBe('refused\nrefused\n')
  }
})

test('an engine that is killed is followed by one that has nothing to do', async () => {
  await sandbox.killEngine()
  await eventually('the failing one has been restarted to its limit', async () =>
    (await rows()).some(row => row.Service === 'again' && row.State === 'exited'),
  )
  expect((await rows()).filter(row => row.State === 'running').map(row => row.Service)).toEqual(
    [...RUNNING].sort(),
  )
  expect(await exec('beside', 'readlink /proc/self/ns/net')).toBe(`${readlinkSync('/proc/self/ns/net')}\n`)
  const { stdout } = await sandbox.ok('plan', ...RUNNING)
  expect(stdout).toContain('Nothing to do')
})

test.each([
  ['SYSCTL_NOT_NAMESPACED', 'network_mode: host, sysctls: {net.core.somaxconn: 99}'],
  ['SYSCTL_NOT_NAMESPACED', 'ipc: host, sysctls: {kernel.msgmax: 99}'],
  ['HOSTNAME_INVALID', 'uts: host, hostname: box'],
  ['NAMESPACE_MODE', 'pid: elsewhere'],
])('%s: %s', async (code, attributes) => {
  sandbox.write('wrong.yaml', `name: wrong\nservices: {x: {image: busybox, ${attributes}}}\n`)
  const { status, stderr } = await sandbox.run('-f', 'wrong.yaml', 'up', '-d')
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(code) })
  await sandbox.ok('-f', 'wrong.yaml', 'down')
})

test("down leaves nothing, and the host's loopback as it was", async () => {
  await sandbox.ok('down')
  await untilNothingIsLeft(sandbox.env)
  expect(loopback()).toBe(before)
})
