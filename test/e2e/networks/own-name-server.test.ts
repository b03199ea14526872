import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { killContainer, pidOfContainer } from '../harness/kill-container.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// A name server of the container's own (dnsmasq, Pi-hole, unbound) has port 53 beside our resolver at 127.0.0.11.
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  const folder = join(sandbox.folder, 'bin')
  mkdirSync(folder)
  execFileSync('gcc', ['-static', '-O1', '-o', join(folder, 'name-server'), 'native/test/name-server.c'])
  sandbox.write('compose.yaml', file({ asking: 'dns: [10.97.53.53]', lost: 'dns: [198.51.100.53]' }))
  await sandbox.ok('up', '-d')
})
afterAll(() => sandbox.close())

/** `asks`: who these ask, a line each. */
function file(asks: Readonly<Partial<Record<'asking' | 'lost' | 'alone', string>>>): string {
  const server = (address: string): string => `
    image: busybox
    command: /own/name-server ${address}
    volumes: ["./bin:/own:ro"]
    restart: always
    networks: [front]`
  const asker = (name: keyof typeof asks): string => `
    image: busybox
    command: sleep infinity
    init: true
    restart: always
    networks: [back]
    ${asks[name] ?? ''}`
  return `
name: dns
services:
  four: ${server('0.0.0.0')}
  six: ${server("'::'")}
  peer: {image: busybox, command: sleep infinity, init: true, networks: [front]}
  inner: ${server('0.0.0.0').replace('[front]', '{back: {ipv4_address: 10.97.53.53}}')}
  asking: ${asker('asking')}
  lost: ${asker('lost')}
  alone: ${asker('alone')}
  itself: ${server('127.0.0.1').replace('[front]', '[back]')}
    dns: [127.0.0.1]
networks:
  front: {}
  back: {internal: true, ipam: {config: [{subnet: 10.97.53.0/24}]}}
`
}

const shell = async (service: string, line: string): Promise<string> =>
  (await sandbox.ok('exec', '-T', service, 'sh', '-c', line)).stdout

/** The address that busybox' nslookup prints for a name. */
async function lookup(service: string, name: string, server: string): Promise<string | undefined> {
  const { stdout } = await sandbox.run('exec', '-T', service, 'nslookup', '-type=a', name, server)
  return addressIn(stdout)
}

/** Waits until the container's own server answers: it listens a moment after it was started. */
async function answers(service: string, server: string): Promise<void> {
  await eventually(
    `${server} answers`,
    async () => (await lookup(service, 'anything.example', server)) === '192.0.2.53',
  )
}

function addressIn(output: string): string | undefined {
  return /Name:.*\nAddress: (\S+)/.exec(output)?.[1]
}

/** An A question for `name` over TCP; the last four bytes of what comes back. */
async function lookupTcp(service: string, name: string, server: string): Promise<string> {
  const label = `\\x${name.length.toString(16).padStart(2, '0')}${name}`
  const question = `\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00${label}\\x00\\x00\\x01\\x00\\x01`
  const length = (18 + name.length).toString(16).padStart(2, '0')
  const ask = `(printf '\\x00\\x${length}${question}'; sleep 0.3) | nc -w 2 ${server} 53 | tail -c 4 | hexdump -v -e '1/1 "%d."'`
  return (await shell(service, ask)).replace(/\.$/, '')
}

async function addressOf(service: string): Promise<string> {
  return (await shell(service, 'hostname -i')).trim()
}

describe.each([
  ['0.0.0.0', 'four'],
  ['[::]', 'six'],
])('a container whose own server is at %s:53', (_address, service) => {
  test('has got the port, in UDP and TCP', async () => {
    const log = async (): Promise<string> => (await sandbox.ok('logs', '--no-log-prefix', service)).stdout
    await eventually('it is ready', async () => (await log()) !== '')
    expect(await log()).toBe('ready\n')
  })

  test('is asked by others, and by itself at its loopback', async () => {
    await answers('peer', service)
    expect(await lookupTcp('peer', 'anything', service)).toBe('192.0.2.53')
    expect(await lookup(service, 'anything.example', '127.0.0.1')).toBe('192.0.2.53')
  })

  test('finds its neighbours at 127.0.0.11 all the same, by UDP and TCP', async () => {
    const peer = await addressOf('peer')
    expect(await lookup(service, 'peer', '127.0.0.11')).toBe(peer)
    expect(await lookupTcp(service, 'peer', '127.0.0.11')).toBe(peer)
    expect(await shell(service, 'cat /etc/resolv.conf')).toContain('nameserver 127.0.0.11')
    expect(await shell(service, 'nslookup -type=a peer')).toContain(peer)
  })
})

describe('a container on an internal network alone', () => {
  test('asks the server that it names, on that network or within itself, by UDP and TCP', async () => {
    await answers('asking', '127.0.0.11')
    await answers('itself', '127.0.0.11')
    expect(await lookupTcp('asking', 'anything', '127.0.0.11')).toBe('192.0.2.53')
    expect(await lookup('asking', 'alone', '127.0.0.11')).toBe(await addressOf('alone'))
  })

  test('reaches no other, and asks nobody when it names none', async () => {
    expect(await lookup('lost', 'anything.example', '127.0.0.11')).toBeUndefined()
    expect(await lookup('alone', 'anything.example', '127.0.0.11')).toBeUndefined()
    expect(await lookup('lost', 'alone', '127.0.0.11')).toBe(await addressOf('alone'))
  })
})

test('asks others as soon as the file says so, and after a crash, with the same processes', async () => {
  const ids = await Promise.all(
    ['asking', 'lost', 'alone'].map(async name => (await sandbox.ok('ps', '-q', name)).stdout.trim()),
  )
  const pids = ids.map(pidOf)
  const heard = (name: string): Promise<string | undefined> => lookup(name, 'anything.example', '127.0.0.11')
  for (let round = 0; round < 3; round += 1) {
    sandbox.write(
      'compose.yaml',
      file({ lost: 'dns: [10.97.53.53]', alone: 'dns: [198.51.100.53, 10.97.53.53]' }),
    )
    await sandbox.ok('up', '-d')
    expect([await heard('asking'), await heard('lost')]).toEqual([undefined, '192.0.2.53'])
    expect(await lookupTcp('lost', 'anything', '127.0.0.11')).toBe('192.0.2.53')
    await answers('alone', '127.0.0.11')
    sandbox.write('compose.yaml', file({ asking: 'dns: [10.97.53.53]\n    dns_opt: [timeout:3]' }))
    await sandbox.ok('up', '-d')
    expect([await heard('asking'), await heard('lost')]).toEqual(['192.0.2.53', undefined])
  }
  expect(await shell('asking', 'cat /etc/resolv.conf')).toMatch(
    /^nameserver 127\.0\.0\.11\noptions timeout:3/m,
  )
  expect(ids.map(pidOf)).toEqual(pids)
  expect((await sandbox.ok('plan')).stdout).toMatch(/Nothing to do/)
  const [id = '', before = 0] = [ids[0], pids[0]]
  killContainer(sandbox.env, id)
  await eventually('its monitor has started it again', () => ![0, before].includes(pidOf(id)))
  await answers('asking', '127.0.0.11')
})

test('goes on after a restart', async () => {
  await sandbox.ok('restart', '-t', '0', 'four')
  expect(await lookup('four', 'peer', '127.0.0.11')).toBe(await addressOf('peer'))
  await answers('peer', 'four')
})

test('goes on while no engine runs, also when its restart policy has started it again', async () => {
  const peer = await addressOf('peer')
  const id = (await sandbox.ok('ps', '-q', 'six')).stdout.trim()
  await sandbox.killEngine()
  const before = pidOf(id)
  expect(lookupWithin(before)).toBe(peer)
  killContainer(sandbox.env, id)
  await eventually('its monitor has started it again', () => ![0, before].includes(pidOf(id)))
  expect(lookupWithin(pidOf(id))).toBe(peer)
  await answers('peer', 'six')
})

const pidOf = (id: string): number => pidOfContainer(sandbox.env, id)

/** The address of `peer` by 127.0.0.11 in the network of a process, without any engine. */
function lookupWithin(pid: number): string | undefined {
  const command = ['--net', '--target', String(pid), 'busybox', 'nslookup', '-type=a', 'peer', '127.0.0.11']
  return addressIn(execFileSync('nsenter', command, { encoding: 'utf8' }))
}
