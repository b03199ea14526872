// Services to which nobody comes: they stand still, end later, and whoever comes is served as if they had not.
import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let box: Sandbox

beforeAll(async () => {
  box = makeSandbox()
  await box.busybox()
})
afterAll(() => box.close())

const LOOPBACK = '127.0.63.12'
const OWN = Object.values(networkInterfaces())
  .flatMap(list => list ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

interface Told {
  readonly Id: string
  readonly State: {
    readonly Status: string
    readonly Pid: number
    readonly FinishedAt: string
    readonly TscomposeAsleep?: 'frozen' | 'stopped'
    readonly Health?: { readonly Status: string }
  }
}

/** What the API tells of the container of a service. */
function told(service: string): Told {
  const args = ['-s', '--unix-socket', box.socket, `http://engine/containers/project-${service}-1/json`]
  return JSON.parse(String(execFileSync('curl', args))) as Told
}

function falls(service: string, depth: 'frozen' | 'stopped' | undefined): Promise<unknown> {
  return eventually(`${service} is ${depth ?? 'awake'}`, () => told(service).State.TscomposeAsleep === depth)
}

async function ask(address: string): Promise<string> {
  const answer = await fetch(`http://${address}/`, { headers: { connection: 'close' } })
  return (await answer.text()).trim()
}

interface Client {
  readonly port: number | undefined
  readonly said: string
}

/** A client of the port that tells its own connections: who is led past the relay is seen there with the port that it has here. */
async function askForConnections(): Promise<Client> {
  const socket = connect(18_093, LOOPBACK)
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  await once(socket, 'connect')
  const { localPort: port } = socket
  await once(socket, 'close')
  return { port, said: Buffer.concat(chunks).toString() }
}

function groupsOf(id: string): string[] {
  const found = execFileSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', id], { encoding: 'utf8' })
  return found.split('\n').filter(Boolean)
}

/** Of its memory, in the layout that this machine has. */
function limitFile(id: string): string {
  const files = groupsOf(id).flatMap(folder =>
    ['memory.max', 'memory.limit_in_bytes'].map(name => join(folder, name)),
  )
  return files.find(file => existsSync(file)) ?? ''
}

function limitOf(id: string): string {
  const file = limitFile(id)
  return file === '' ? '' : readFileSync(file, 'utf8').trim()
}

/** Runs a program in the network namespace of a container that has no process. */
function inNetwork(id: string, ...command: readonly string[]): void {
  const status = readFileSync(join(box.env['TSCOMPOSE_ROOT'] ?? '', 'containers', id, 'status'), 'utf8')
  const monitor = /^monitor_pid=(\d+)$/m.exec(status)?.[1] ?? ''
  execFileSync('nsenter', [`--net=/proc/${monitor}/fd/100`, ...command])
}

/** Without its addresses, with another limit, and without one of its groups, which with one layout is all; says what drift tells of. */
function takeApart(id: string): string[] {
  inNetwork(id, 'ip', 'addr', 'flush', 'dev', 'eth0')
  writeFileSync(limitFile(id), '48M')
  const [first = '', ...others] = groupsOf(id)
  rmdirSync(others.find(folder => folder.includes('/pids/')) ?? first)
  return ['endpoint.', 'cgroup.in.', ...(others.length > 0 ? ['cgroup.value.'] : [])]
}

/** Serves its page after so many seconds. */
function web(sleep: string, slow = 0): string {
  return `services:
  web:
    image: busybox
    init: true
    restart: always
    mem_limit: 64m
    command: [sh, -c, "mkdir -p /www; echo here > /www/index.html; sleep ${slow}; nc -ll -p 93 -e netstat -tn & exec httpd -f -p 80 -h /www"]
    ports: ["${LOOPBACK}:18090:80", "${OWN ?? LOOPBACK}:18091:80", "${LOOPBACK}:18092:9000/udp", "${LOOPBACK}:18093:93"]
    volumes: ["./checks:/checks"]
    healthcheck: {test: "echo >> /checks/${slow}", interval: 100ms, start_period: 10s, start_interval: 100ms}
    x-tscompose: {sleep: ${sleep}}
  other:
    image: busybox
    init: true
    command: [sleep, "1000"]
`
}

describe('a service that stands still', () => {
  beforeAll(async () => {
    box.write('compose.yaml', web('{freeze: 1s}'))
    await box.ok('up', '-d')
    await falls('web', 'frozen')
  })

  test('counts as running, is shown to sleep, and nothing is to be done about it', async () => {
    expect(told('web').State.Status).toBe('running')
    expect((await box.ok('ps')).stdout).toMatch(/web-1 .*\(asleep\)/)
    expect((await box.run('plan', '--detailed-exitcode')).status).toBe(0)
    expect((await box.run('drift')).status).toBe(0)
    expect(told('web').State.TscomposeAsleep).toBe('frozen')
  })

  test.each([
    ['localhost', `${LOOPBACK}:18090`],
    ['its own address', `${OWN ?? LOOPBACK}:18091`],
  ])('serves a client of the host by %s', async (_, address) => {
    await falls('web', 'frozen')
    expect(await ask(address)).toBe('here')
    expect(told('web').State.TscomposeAsleep).toBeUndefined()
  })

  test('wakes by a client who is led past its relay', async () => {
    await falls('web', 'frozen')
    const { port, said } = await askForConnections()
    expect(said).toContain(`:${port} `)
  })

  test('serves a sibling that asks for its name', async () => {
    await falls('web', 'frozen')
    expect((await box.ok('exec', '-T', 'other', 'wget', '-qO-', 'http://web/')).stdout.trim()).toBe('here')
  })

  test('wakes of a datagram', async () => {
    await falls('web', 'frozen')
    const socket = createSocket('udp4')
    socket.send('x', 18_092, LOOPBACK)
    await falls('web', undefined)
    socket.close()
  })

  test('wakes for an exec, and does not sleep while it runs', async () => {
    await falls('web', 'frozen')
    expect((await box.ok('exec', '-T', 'web', 'sh', '-c', 'sleep 2; echo done')).stdout).toBe('done\n')
  })

  test('loses no client who comes at the moment at which it falls asleep', async () => {
    // It falls asleep between 1,000 and 1,250 ms after the last one.
    for (const pause of [1000, 1150]) {
      await new Promise(resolve => setTimeout(resolve, pause))
      const all = await Promise.all([ask(`${LOOPBACK}:18090`), ask(`${OWN ?? LOOPBACK}:18091`)])
      expect(all).toEqual(['here', 'here'])
    }
  })

  test('wakes without an engine, and sleeps again under the next', async () => {
    await falls('web', 'frozen')
    await box.killEngine()
    expect(await ask(`${LOOPBACK}:18090`)).toBe('here')
    await box.ok('ps')
    await falls('web', 'frozen')
    await box.killEngine()
    // The next one finds it asleep, and not paused.
    expect((await box.ok('ps')).stdout).toMatch(/web-1 .*\(asleep\)/)
  })

  test('is begun again by its policy when its monitor is killed', async () => {
    await falls('web', 'frozen')
    const { Id, State } = told('web')
    const status = readFileSync(join(box.env['TSCOMPOSE_ROOT'] ?? '', 'containers', Id, 'status'), 'utf8')
    process.kill(Number(/^monitor_pid=(\d+)$/m.exec(status)?.[1]), 'SIGKILL')
    await eventually('another run', () => ![0, State.Pid].includes(told('web').State.Pid))
    await eventually('it serves', async () => (await ask(`${LOOPBACK}:18090`)) === 'here')
  })
})

describe('a service that has ended for a while', () => {
  beforeAll(async () => {
    box.write('compose.yaml', web('1s', 1))
    await box.ok('up', '-d')
    await falls('web', 'stopped')
  })

  test('counts as running, without a process, and nothing is to be done about it', async () => {
    expect(told('web').State).toMatchObject({ Status: 'running', Pid: 0 })
    expect((await box.run('plan', '--detailed-exitcode')).status).toBe(0)
    expect(told('web').State.TscomposeAsleep).toBe('stopped')
  })

  test('is begun by a client who is led past its relay', async () => {
    const { port, said } = await askForConnections()
    expect(said).toContain(`:${port} `)
  })

  test('is asked for its health while it is awake alone, and nobody takes it for ill', async () => {
    const asked = (): number => statSync(join(box.folder, 'checks/1')).size
    await falls('web', 'frozen')
    const before = asked()
    await falls('web', 'stopped')
    // A check that froze in the middle goes on to its end when the service is woken for its own.
    const after = asked()
    expect(after - before).toBeLessThanOrEqual(1)
    await ask(`${LOOPBACK}:18090`)
    await eventually('it is asked again', () => asked() > after)
    await eventually('it is well', () => told('web').State.Health?.Status === 'healthy')
    const past = await box.ok('events', '--since', '10m', '--until', '0s')
    expect(past.stdout).toContain('container sleep')
    expect(past.stdout).not.toContain('unhealthy')
    await falls('web', 'stopped')
  })

  test('is begun by forty clients at once, who wait until it listens', async () => {
    const addresses = [`${LOOPBACK}:18090`, `${OWN ?? LOOPBACK}:18091`]
    const all = await Promise.all(Array.from({ length: 40 }, (_, index) => ask(addresses[index % 2] ?? '')))
    expect(new Set(all)).toEqual(new Set(['here']))
  })

  test('is begun for an exec, and by a client without an engine', async () => {
    expect((await box.ok('exec', '-T', 'web', 'echo', 'hi')).stdout).toBe('hi\n')
    await falls('web', 'stopped')
    await box.killEngine()
    expect(await ask(`${OWN ?? LOOPBACK}:18091`)).toBe('here')
    await box.ok('ps')
  })

  test('is looked after while it sleeps: drift tells what its next run stands on, up puts it right, and it sleeps on', async () => {
    await falls('web', 'stopped')
    const { Id } = told('web')
    const memory = limitOf(Id)
    const paths = takeApart(Id)
    const drifted = (await box.run('drift', '--json')).stdout
    for (const path of paths) expect(drifted).toContain(path)
    await box.ok('up', '-d')
    expect(limitOf(Id)).toBe(memory)
    expect((await box.run('plan', '--detailed-exitcode')).status).toBe(0)
    expect(told('web').State.TscomposeAsleep).toBe('stopped')
    // Nobody asked the second time.
    takeApart(Id)
    await eventually('it is put right as it sleeps', () => limitOf(Id) === memory)
    expect(told('web').State.TscomposeAsleep).toBe('stopped')
    writeFileSync(limitFile(Id), '48M')
    expect(await ask(`${OWN ?? LOOPBACK}:18091`)).toBe('here')
    await eventually('a run that has begun with another limit has its own', () => limitOf(Id) === memory)
  })

  test('is started whole when its next run cannot begin', async () => {
    await falls('web', 'stopped')
    const { Id } = told('web')
    // Whoever listens at its interface is told, and wakes it.
    inNetwork(Id, 'ip', 'link', 'del', 'eth0')
    await eventually('it serves', async () => (await ask(`${LOOPBACK}:18090`).catch(() => '')) === 'here')
    expect(told('web').State.Status).toBe('running')
  })

  test('is stopped and taken down as any other', async () => {
    await falls('web', 'stopped')
    const before = Date.now()
    const waiting = box.run('wait', 'web')
    await box.ok('stop', 'web')
    expect((await waiting).status).toBe(143)
    const { Status, FinishedAt } = told('web').State
    expect(Status).toBe('exited')
    // Not when it fell asleep.
    expect(Date.parse(FinishedAt)).toBeGreaterThanOrEqual(before)
    const past = await box.ok('events', '--since', new Date(before).toISOString(), '--until', '0s')
    expect(past.stdout).toContain('container die')
    await box.ok('down')
  })
})

test('a service sleeps while those who are connected to it sleep, and wakes when they go on', async () => {
  box.write(
    'compose.yaml',
    `services:
  db:
    image: busybox
    init: true
    command: [nc, -ll, -p, "5000", -e, cat]
    x-tscompose: {sleep: 1s}
  web:
    image: busybox
    init: true
    depends_on: [db]
    command: [sh, -c, "mkfifo /p; (sleep 1; cat /p) | nc db 5000 > /said & exec httpd -f -p 80"]
    ports: ["${LOOPBACK}:18090:80"]
    x-tscompose: {sleep: {freeze: 1s}}
`,
  )
  await box.ok('up', '-d')
  await falls('web', 'frozen')
  await falls('db', 'frozen')
  // What web sends by the connection that it has wakes db.
  await box.ok(
    'exec',
    '-T',
    'web',
    'sh',
    '-c',
    'echo hello > /p; until grep -q hello /said; do sleep 0.1; done',
  )
  await box.ok('down')
})
