// A file that changes while its containers run: what of it reaches them there, with the same first process.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

/** Whoever has lowered a hard limit raises it with CAP_SYS_RESOURCE alone. */
const held = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`)
const mayRaise = { what: 'CAP_SYS_RESOURCE', missing: (held >> 24n) & 1n ? undefined : 'not held' }

let box: Sandbox

beforeAll(async () => {
  box = makeSandbox()
  await box.busybox()
  await box.hold()
})
afterAll(() => box.close())

/** A service `web` with these lines, beside one that looks names up. */
function file(lines: readonly string[]): string {
  return `services:
  web:
    image: busybox
    init: true
    command: [sleep, "1000"]
${lines.map(line => `    ${line}\n`).join('')}  other:
    image: busybox
    init: true
    command: [sleep, "1000"]
    networks: [default, back]
networks: {default: {}, back: {}}
`
}

interface Told {
  readonly Id: string
  readonly State: { readonly Pid: number; readonly Health?: { readonly Status: string } }
  readonly Config: { readonly Labels: Readonly<Record<string, string>>; readonly StopSignal?: string }
  readonly HostConfig: { readonly Memory: number; readonly RestartPolicy: { readonly Name: string } }
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> }
}

/** What the API tells of the container of `web`. */
function told(): Told {
  const container = encodeURIComponent(`${project()}-web-1`)
  const text = execFileSync('curl', [
    '-s',
    '--unix-socket',
    box.socket,
    `http://engine/containers/${container}/json`,
  ])
  return JSON.parse(String(text)) as Told
}

const project = (): string => 'project'

/** Writes the file, brings it up, and sees that the container is the same and nothing is left to do. */
async function changed(...lines: string[]): Promise<void> {
  const before = told().State.Pid
  box.write('compose.yaml', file(lines))
  await box.ok('up', '-d')
  expect(told().State.Pid).toBe(before)
  expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
}

function pidOf(): number {
  return told().State.Pid
}

async function inside(...command: string[]): Promise<string> {
  return (await box.ok('exec', '-T', 'web', ...command)).stdout.trim()
}

describe('of a service that runs', () => {
  beforeAll(async () => {
    box.write('compose.yaml', file([]))
    await box.ok('up', '-d')
  })

  test('limits come, change and go', async () => {
    const limit = (): string => memoryLimit(told().State.Pid)
    const none = limit()
    await changed('mem_limit: 64m', 'cpus: 0.5', 'pids_limit: 50')
    expect([limit(), told().HostConfig.Memory]).toEqual([String(64 << 20), 64 << 20])
    await changed('mem_limit: 128m')
    expect(limit()).toBe(String(128 << 20))
    await changed()
    expect([limit(), told().HostConfig.Memory]).toEqual([none, 0])
  })

  test('labels, restart policy and stop signal are told as the file has them', async () => {
    await changed('labels: {com.example.who: me}', 'restart: always', 'stop_signal: SIGINT')
    expect(told()).toMatchObject({
      Config: { Labels: { 'com.example.who': 'me' }, StopSignal: 'SIGINT' },
      HostConfig: { RestartPolicy: { Name: 'always' } },
    })
    await changed()
    expect(told().Config.Labels).not.toHaveProperty('com.example.who')
    expect(told().HostConfig.RestartPolicy.Name).toBe('no')
  })

  /** Of its first process and that one's child: OOM score, and limits of open files. */
  const limits = (): { readonly scores: string[]; readonly files: string[] } => {
    const first = pidOf()
    const pids = [first, Number(readFileSync(`/proc/${first}/task/${first}/children`, 'utf8'))]
    const text = (pid: number, file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8').trim()
    return {
      scores: pids.map(pid => text(pid, 'oom_score_adj')),
      files: pids.map(pid => /^Max open files +(\d+ +\d+)/m.exec(text(pid, 'limits'))?.[1] ?? ''),
    }
  }

  test('the OOM score is that of all its processes, and of its next run', async () => {
    const before = limits()
    await changed('oom_score_adj: 300', 'restart: always')
    expect(limits().scores).toEqual(['300', '300'])
    const first = pidOf()
    process.kill(Number(readFileSync(`/proc/${first}/task/${first}/children`, 'utf8')), 'SIGKILL')
    await eventually('it runs again', () => ![first, 0].includes(pidOf()))
    await eventually('it has it again', () => limits().scores.join() === '300,300')
    expect((await box.ok('drift')).stdout).toBe('')
    await changed()
    expect(limits()).toEqual(before)
  })

  requires(mayRaise).test('so are rlimits', {}, async () => {
    const before = limits()
    await changed('ulimits: {nofile: {soft: 800, hard: 900}}')
    expect(limits().files.map(each => each.split(/ +/))).toEqual([
      ['800', '900'],
      ['800', '900'],
    ])
    expect((await box.ok('drift')).stdout).toBe('')
    await changed()
    expect(limits()).toEqual(before)
  })

  test('how much of its log is kept', async () => {
    const write = 'yes 0123456789 | head -c 60000 > /proc/$(pidof sleep)/fd/1'
    const files = (): string[] => {
      const folder = join(box.env['TSCOMPOSE_ROOT'] ?? '', 'containers', told().Id)
      return readdirSync(folder).filter(name => name.startsWith('container.log'))
    }
    await changed('logging: {driver: local}')
    await changed('logging: {options: {max-size: 10m, max-file: "9"}}')
    await changed('logging: {options: {max-size: 20k, max-file: "9"}}')
    await inside('sh', '-c', write)
    await eventually('there are several files', () => files().length > 2)
    await changed('logging: {driver: json-file}')
    await changed()
    box.write('compose.yaml', file(['logging: {driver: none}']))
    expect((await box.ok('plan')).stdout).toMatch(/recreate\s+logging/)
  })

  test('hosts and search domains are in its files', async () => {
    await changed('extra_hosts: ["elsewhere=10.1.2.3"]', 'dns_search: [example.test]')
    expect(await inside('cat', '/etc/hosts')).toMatch(/10\.1\.2\.3\s+elsewhere/)
    expect(await inside('cat', '/etc/resolv.conf')).toMatch(/search example\.test/)
    await changed()
    expect(await inside('cat', '/etc/hosts')).not.toMatch('elsewhere')
  })

  test('a health check begins, is another one, and ends', async () => {
    const status = (): string | undefined => told().State.Health?.Status
    await changed('healthcheck: {test: [CMD, "true"], interval: 1s}')
    await eventually('it is healthy', () => status() === 'healthy')
    await changed('healthcheck: {test: [CMD, "false"], interval: 1s, retries: 1}')
    await eventually('it is unhealthy', () => status() === 'unhealthy')
    await changed()
    expect(status()).toBe(undefined)
  })

  test('it joins a network, has other names on it, and leaves it', async () => {
    const asked = async (name: string): Promise<string> =>
      (await box.run('exec', '-T', 'other', 'nslookup', name)).stdout
    await changed('networks: [default, back]')
    expect(Object.keys(told().NetworkSettings.Networks)).toHaveLength(2)
    expect(await inside('ls', '/sys/class/net')).toMatch(/eth1/)
    await changed('networks: {default: {}, back: {aliases: [called]}}')
    expect(await asked('called')).toMatch(/Address.*\d+\.\d+\.\d+\.\d+\s*$/m)
    await changed('networks: [back]')
    expect(Object.keys(told().NetworkSettings.Networks)).toEqual(['project_back'])
    expect(await inside('nslookup', 'other')).toMatch(/Name:\s+other/)
    await changed()
    expect(Object.keys(told().NetworkSettings.Networks)).toEqual(['project_default'])
  })

  test.each([
    ['10.231.7.9', 'is in no subnet'],
    ['10.231.6.1', "is the gateway's"],
  ])('it stays on its network where the address %s cannot be had', async (address, reason) => {
    const onFixed = (lines: string): string => `services:
  web: {image: busybox, init: true, command: [sleep, "1000"], networks: {h1: {${lines}}}}
networks: {h1: {ipam: {config: [{subnet: 10.231.6.0/24, gateway: 10.231.6.1}]}}}
`
    box.write('compose.yaml', onFixed(''))
    await box.ok('up', '-d', '--remove-orphans')
    const before = told()
    const links = await inside('ip', 'addr')
    box.write('compose.yaml', onFixed(`ipv4_address: ${address}`))
    const { status, stderr } = await box.run('up', '-d')
    expect([status === 0, stderr]).toEqual([false, expect.stringContaining(reason)])
    expect([told().State.Pid, told().NetworkSettings]).toEqual([before.State.Pid, before.NetworkSettings])
    expect(await inside('ip', 'addr')).toBe(links)
    box.write('compose.yaml', onFixed(''))
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
  })

  test('an environment takes another container, whatever else changes', async () => {
    const before = told().State.Pid
    box.write('compose.yaml', file(['environment: {A: b}', 'mem_limit: 64m']))
    await box.ok('up', '-d')
    expect(told().State.Pid).not.toBe(before)
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
  })

  test('its first process is told of a file that is another, and of none that is as it was', async () => {
    const write = (onChange: string): void =>
      box.write(
        'compose.yaml',
        `services:
  web:
    image: busybox
    read_only: true
    tmpfs: [/heard]
    command: [sh, -c, "trap 'cat /motd >> /heard/all' HUP; while :; do sleep 0.05; done"]
    stop_grace_period: 0s
    configs: [{source: motd, target: /motd}]
    ${onChange}
configs: {motd: {file: ./motd}}
`,
      )
    const heard = (text: string): Promise<unknown> =>
      eventually('it has heard', async () => (await inside('sh', '-c', 'cat /heard/all || true')) === text)
    box.write('motd', 'one')
    write('')
    await box.ok('up', '-d')
    const before = pidOf()
    write('x-tscompose: {on_change: SIGHUP}')
    await box.ok('up', '-d')
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
    box.write('motd', 'two')
    expect((await box.ok('plan')).stdout).toMatch(/hot\s+configs\.motd bytes/)
    await box.ok('up', '-d')
    await heard('two')
    box.write('motd.new', 'three')
    renameSync(join(box.folder, 'motd.new'), join(box.folder, 'motd'))
    await box.ok('up', '-d')
    await heard('twothree')
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
    expect(pidOf()).toBe(before)
  })

  test('the content of a config is brought, and its first process told of it', async () => {
    const write = (content: string, onChange: string): void =>
      box.write(
        'compose.yaml',
        `services:
  web:
    image: busybox
    command: [sh, -c, "trap 'cp /motd /heard' HUP; while :; do sleep 0.05; done"]
    stop_grace_period: 0s
    configs: [{source: motd, target: /motd}]
    x-tscompose: {${onChange}}
configs: {motd: {content: "${content}"}}
`,
      )
    write('one', 'on_change: SIGHUP')
    await box.ok('up', '-d')
    const before = pidOf()
    write('two', 'on_change: SIGHUP')
    expect((await box.ok('plan')).stdout).toMatch(/hot\s+configs\.motd content/)
    await box.ok('up', '-d')
    expect([pidOf(), await inside('cat', '/motd')]).toEqual([before, 'two'])
    await eventually('it has heard', async () => (await inside('sh', '-c', 'cat /heard || true')) === 'two')
    expect((await box.ok('plan')).stdout).toMatch(/Nothing to do/)
    write('three', 'on_change: none')
    await box.ok('up', '-d')
    expect([pidOf(), await inside('cat', '/motd', '/heard')]).toEqual([before, 'threetwo'])
    write('four', '')
    expect((await box.ok('plan')).stdout).toMatch(/recreate\s+configs\.motd content/)
    await box.ok('up', '-d')
    expect([pidOf() === before, await inside('cat', '/motd')]).toEqual([false, 'four'])
  })
})

/** What the kernel has for the group of a process, in either layout. */
function memoryLimit(pid: number): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n')
  const path = (controller: string): string | undefined =>
    lines.find(line => line.split(':')[1]?.split(',').includes(controller))?.split(':')[2]
  const v1 = path('memory')
  return v1 === undefined
    ? readFileSync(`/sys/fs/cgroup${path('')}/memory.max`, 'utf8').trim()
    : readFileSync(`/sys/fs/cgroup/memory${v1}/memory.limit_in_bytes`, 'utf8').trim()
}
