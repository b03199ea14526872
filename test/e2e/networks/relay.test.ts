// The relay reads what containers and strangers send: what it is, and what it could do if somebody took it over.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { program, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { pidOfContainer } from '../harness/kill-container.ts'
import { freePort, makeSandbox, type Sandbox } from '../harness/sandbox.ts'

const SECRET = 'never-to-be-read-by-a-relay'
let sandbox: Sandbox
let port: number

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  port = await freePort()
  sandbox.write(
    'compose.yaml',
    `
name: relays
services:
  web:
    image: busybox
    init: true
    command: sh -c 'echo said-$$TOKEN; exec nc -ll -p 80 -e echo hello'
    environment: {TOKEN: ${SECRET}}
    ports: ["127.0.0.1:${port}:80"]
  other: {image: busybox, init: true, command: sleep infinity}
`,
  )
  await sandbox.ok('up', '-d')
})
afterAll(() => sandbox.close())

/** Pids of a service's monitor and of its relay, once that has confined itself. */
function processesOf(service: string): Promise<{ readonly monitor: number; readonly relay: number }> {
  return eventually(`${service} has a relay`, async () => {
    const found = await lookFor(service)
    return field(found.relay, 'Seccomp') === '2' ? found : undefined
  })
}

async function lookFor(service: string): Promise<{ readonly monitor: number; readonly relay: number }> {
  const id = (await sandbox.ok('ps', '-q', service)).stdout.trim()
  const monitor = Number(field(pidOfContainer(sandbox.env, id), 'PPid'))
  const relay = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .find(pid => isRelayOf(monitor, pid))
  return { monitor, relay: relay ?? 0 }
}

function isRelayOf(monitor: number, pid: number): boolean {
  try {
    return field(pid, 'PPid') === String(monitor) && field(pid, 'Name') === 'tscompose-relay'
  } catch {
    return false // it ended meanwhile
  }
}

/** The relay of `web` that comes after this one. */
async function nextRelay(before: number): Promise<number> {
  const { relay } = await eventually('there is another one', async () => {
    const now = await processesOf('web')
    return now.relay === before ? undefined : now
  })
  return relay
}

/** A line of /proc/<pid>/status. */
function field(pid: number, name: string): string {
  const line = new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return (line?.[1] ?? '').trim()
}

/** Whether a text is anywhere in the memory of a process. */
function remembers(pid: number, text: string): boolean {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8')
      .split('\n')
      .some(line => {
        const [, from = '0', to = '0', name = ''] = /^(\w+)-(\w+) r\S+ .{8} \S+ \d+ *(.*)$/.exec(line) ?? []
        const bytes = Buffer.alloc(Number(BigInt(`0x${to}`) - BigInt(`0x${from}`)))
        if (bytes.length === 0 || name.startsWith('[v')) return false
        readSync(memory, bytes, 0, bytes.length, Number(BigInt(`0x${from}`)))
        return bytes.includes(text)
      })
  } finally {
    closeSync(memory)
  }
}

/** What the published port answers by the relay: who has an address of his own comes by it. */
function answer(): Promise<string> {
  return new Promise((settle, reject) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.1' })
      .on('data', chunk => {
        text += chunk.toString()
      })
      .on('end', () => {
        socket.end()
        settle(text)
      })
      .on('error', reject)
  })
}

const lookUp = async (): Promise<string> =>
  (await sandbox.run('exec', '-T', 'web', 'nslookup', '-type=a', 'other', '127.0.0.11')).stdout

test('each is a user that nobody else is, with no right at all', async () => {
  const pids = [(await processesOf('web')).relay, (await processesOf('other')).relay]
  const users = pids.map(pid => field(pid, 'Uid').split('\t'))
  for (const [index, pid] of pids.entries()) {
    expect(new Set([...(users[index] ?? []), ...field(pid, 'Gid').split('\t')]).size).toBe(1)
    expect(Number(users[index]?.[0])).toBeGreaterThan(65_535)
    expect(['CapPrm', 'CapEff', 'CapInh', 'CapAmb'].map(name => BigInt(`0x${field(pid, name)}`))).toEqual([
      0n,
      0n,
      0n,
      0n,
    ])
    expect([field(pid, 'Groups'), field(pid, 'NoNewPrivs'), field(pid, 'Seccomp')]).toEqual(['', '1', '2'])
  }
  expect(users[0]?.[0]).not.toBe(users[1]?.[0])
})

test('no other user may stop it, nobody and other relays included', async () => {
  const { relay } = await processesOf('web')
  const strangers = ['65534', field((await processesOf('other')).relay, 'Uid').split('\t')[0] ?? '']
  for (const user of strangers) {
    const kill = ['--reuid', user, '--regid', user, '--clear-groups', 'kill', '-STOP', String(relay)]
    expect(() => execFileSync('setpriv', kill, { stdio: 'pipe' })).toThrow('not permitted')
  }
  expect(field(relay, 'State')).not.toMatch(/^T/)
})

test('it knows nothing of the container’s environment and output, at birth and later', async () => {
  const before = await processesOf('web')
  expect(remembers(before.monitor, SECRET)).toBe(true)
  expect(remembers(before.relay, SECRET)).toBe(false)
  process.kill(before.relay, 'SIGKILL')
  expect(remembers(await nextRelay(before.relay), SECRET)).toBe(false)
  await eventually('it listens', async () => (await answer()) === 'hello\n')
  expect(await lookUp()).toContain('Name:')
})

requires(program('gcc')).test('one that has ended its channel gives way to another', {}, async () => {
  const { relay } = await processesOf('web')
  const tool = join(sandbox.folder, 'shut-channel')
  execFileSync('gcc', ['-static', '-O1', '-D_GNU_SOURCE', '-o', tool, 'native/test/shut-channel.c'])
  execFileSync(tool, [String(relay)])
  await nextRelay(relay)
  await eventually('it listens', async () => (await answer()) === 'hello\n')
  expect(await lookUp()).toContain('Name:')
})

test('it holds its own fds alone', async () => {
  const { relay } = await processesOf('web')
  const folder = `/proc/${relay}/fd`
  const kinds = readdirSync(folder).map(fd =>
    readlinkSync(`${folder}/${fd}`).replace(/:.*/, '').replace(`${sandbox.env['TSCOMPOSE_RUN']}/`, ''),
  )
  // Two sockets for names, one for the port, one to its monitor, and the folder of the one network.
  expect(
    kinds
      .filter(kind => kind !== '/dev/null')
      .map(kind => kind.replace(/\/\w{64}$/, ''))
      .sort(),
  ).toEqual(['anon_inode', 'networks', 'networks/project-relays', ...new Array(4).fill('socket')])
})

test('one that is stopped goes on at once', async () => {
  const { relay } = await processesOf('web')
  await eventually('it listens', async () => (await answer()) === 'hello\n')
  process.kill(relay, 'SIGSTOP')
  expect(await answer()).toBe('hello\n')
  expect(await lookUp()).toContain('Name:')
  await eventually('it runs', () => !field(relay, 'State').startsWith('T'))
  expect((await processesOf('web')).relay).toBe(relay)
})

test('ps tells who reaches a published port', async () => {
  const { stdout } = await sandbox.ok('ps', '--exposure', '--format', 'json')
  expect(JSON.parse(stdout)).toEqual([
    {
      ...{ service: 'web', container: 'relays-web-1' },
      ...{ address: '127.0.0.1', port: String(port), target: '80/tcp', interface: 'lo', reach: 'machine' },
    },
  ])
})
