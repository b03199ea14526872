// In a container with limits the files of /proc say what it may use: by one server for all of an engine, that is there while somebody reads, and
// whose death is no error.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enginePaths } from '../../../src/engine/state/paths.ts'
import { asked, present, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { pidOfContainer } from '../harness/kill-container.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox
const FILES =
  '/proc/meminfo /proc/swaps /proc/stat /proc/uptime /proc/loadavg /proc/cpuinfo /proc/diskstats /sys/devices/system/cpu/online'
const inside = async (service: string, script: string): Promise<string> =>
  (await sandbox.ok('exec', '-T', service, 'sh', '-c', script)).stdout

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `
name: proc
x-it: &it {image: busybox, init: true, command: sleep infinity, mem_limit: 64m}
services:
  held: {<<: *it, cpus: 0.5, cpuset: "0"}
  large: {<<: *it, mem_limit: 96m}
  first: *it
  own: {<<: *it, annotations: {com.tscompose.proc: host}}
  covered: {<<: *it, volumes: ["./mine:/proc/meminfo:ro"]}
  small: {<<: *it, user: "1000", read_only: true}
  free: {image: busybox, init: true, command: sleep infinity}
`,
  )
  sandbox.write('mine', 'MemTotal: 1 kB\n')
  await sandbox.ok('up', '-d')
})
afterAll(() => sandbox.close())

const fuse = requires(present('FUSE', '/dev/fuse'))

/** Somebody reads again and again until `body`, which is given the server, has ended. */
async function withServer(service: string, body: (server: number) => Promise<void>): Promise<void> {
  const reading = sandbox.start(
    'exec',
    '-T',
    service,
    'sh',
    '-c',
    'rm -f /end; while ! [ -e /end ]; do read -r x </proc/uptime; sleep 0.1; done',
  )
  await eventually('somebody reads', () => servers().length > 0)
  const [server = 0] = servers()
  await body(server)
  // The container may have ended by then.
  await sandbox.run('exec', '-T', service, 'touch', '/end')
  await reading.ended
}

/** The servers of this engine: they hold files of its control groups. */
function servers(): number[] {
  const { engineId } = enginePaths(sandbox.env['TSCOMPOSE_ROOT'] ?? '', '')
  const isOurs = (pid: number): boolean =>
    field(pid, 'Name') === 'tscompose-proc' &&
    filesOf(pid).some(path => path.includes(`/tscompose-${engineId}/`))
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(isOurs)
}

/** What a process has open; nothing of one that has ended. */
function filesOf(pid: number): string[] {
  try {
    const folder = `/proc/${pid}/fd`
    return readdirSync(folder).map(fd => readlinkSync(join(folder, fd)))
  } catch {
    return []
  }
}

const idOf = async (service: string): Promise<string> => (await sandbox.ok('ps', '-q', service)).stdout.trim()
const monitorOf = async (service: string): Promise<number> =>
  Number(field(pidOfContainer(sandbox.env, await idOf(service)), 'PPid'))

/** A line of /proc/<pid>/status; nothing of a process that has ended. */
function field(pid: number, name: string): string | undefined {
  try {
    return new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

fuse.test('memory and processors are those of its limits, read in any way', {}, async () => {
  expect(await inside('held', 'head -1 /proc/meminfo')).toBe('MemTotal:          65536 kB\n')
  // By sendfile(2), whose reader believes the size of a file, and in pieces.
  expect(await inside('held', `cat ${FILES} | wc -l`)).toBe(
    await inside('held', `for f in ${FILES}; do dd bs=64 if=$f 2>/dev/null; done | wc -l`),
  )
  expect(
    await inside(
      'held',
      'cat /sys/devices/system/cpu/online; grep -c ^processor /proc/cpuinfo; grep -c "^cpu[0-9]" /proc/stat',
    ),
  ).toBe('0\n1\n1\n')
  const up = Number((await inside('held', 'cut -d" " -f1 /proc/uptime')).trim())
  expect(up).toBeLessThan(3600)
  expect(await inside('held', 'cat /proc/loadavg')).toMatch(/^\d+\.\d\d \d+\.\d\d \d+\.\d\d 1\/\d+ \d+\n$/)
  // They are of the container's root, as the kernel's own are.
  expect(await inside('held', `stat -c '%u:%g %a' ${FILES} | sort -u`)).toBe('0:0 444\n')
  // What the container has used is told, and no reader makes it less.
  const used = 'awk "/^MemFree/ {print \\$2}" /proc/meminfo'
  const before = Number(await inside('held', used))
  const after = Number(
    await inside('held', `dd if=/dev/zero of=/dev/shm/x bs=1M count=20 2>/dev/null; ${used}; rm /dev/shm/x`),
  )
  expect(before - after).toBeGreaterThan(15_000)
})

fuse.test('another user of a read-only root sees them, and nobody writes to them', {}, async () => {
  expect(await inside('small', 'head -1 /proc/meminfo')).toContain(' 65536 kB')
  const { status } = await sandbox.run(
    'exec',
    '-T',
    '-u',
    '0',
    'held',
    'sh',
    '-c',
    'chmod 0 /proc/meminfo || echo x > /proc/meminfo',
  )
  expect(status).not.toBe(0)
  expect(await inside('held', 'umount /proc/meminfo 2>/dev/null; head -1 /proc/meminfo')).toContain(
    ' 65536 kB',
  )
})

test('they are the machine’s without a limit and where that is asked for, and give way to mounts', async () => {
  const [machine = ''] = readFileSync('/proc/meminfo', 'utf8').split('\n')
  for (const service of ['free', 'own']) {
    expect(await inside(service, 'head -1 /proc/meminfo')).toBe(`${machine}\n`)
    expect(await inside(service, 'grep -c fuse.tscompose /proc/mounts || true')).toBe('0\n')
  }
  expect(await inside('covered', 'cat /proc/meminfo')).toBe('MemTotal: 1 kB\n')
})

fuse.test('a server that is killed is missed by nobody, with a reader before it or without', {}, async () => {
  await withServer('held', async server => {
    process.kill(server, 'SIGSTOP')
    const reading = inside('held', 'head -1 /proc/meminfo; cat /proc/uptime >/dev/null && echo read')
    await eventually('somebody waits for the server', () =>
      readdirSync('/proc').some(pid => /^\d+$/.test(pid) && waitsForServer(pid)),
    )
    process.kill(server, 'SIGKILL')
    expect(await reading).toBe('MemTotal:          65536 kB\nread\n')
    expect(servers()).not.toContain(server)
  })
})

fuse.test(
  'one server answers all containers of an engine, each with its own, and outlives who began it and the engine',
  {},
  async () => {
    const other = ['-f', 'other.yaml']
    sandbox.write(
      'other.yaml',
      'name: other\nservices: {a: {image: busybox, init: true, command: sleep infinity, mem_limit: 48m}}\n',
    )
    await sandbox.ok(...other, 'up', '-d')
    const total = async (...words: string[]): Promise<string> =>
      (await sandbox.ok(...words, 'head', '-1', '/proc/meminfo')).stdout
    const ask = (): Promise<string[]> =>
      Promise.all([
        total('exec', '-T', 'held'),
        total('exec', '-T', 'large'),
        total(...other, 'exec', '-T', 'a'),
      ])
    const lines = [64, 96, 48].map(mega => `MemTotal:${String(mega * 1024).padStart(15)} kB\n`)
    await eventually('no server is left', () => servers().length === 0)
    await withServer('first', async server => {
      expect(Number(field(server, 'PPid'))).toBe(await monitorOf('first'))
      for (let round = 0; round < 3; round++) expect(await ask()).toEqual(lines)
      expect(servers()).toEqual([server])
      await withServer('held', async () => {
        await sandbox.ok('kill', 'first')
        await sandbox.killEngine()
        expect(await ask()).toEqual(lines)
        expect(servers()).toEqual([server])
        process.kill(server, 'SIGKILL')
        expect(await ask()).toEqual(lines)
        expect(servers()).not.toContain(server)
        expect(servers()).toHaveLength(1)
      })
    })
    await sandbox.ok(...other, 'down', '-t', '0')
  },
)

fuse.test(
  'the server has no right, and goes when nobody reads; a restart is answered as well',
  {},
  async () => {
    await withServer('held', async server => {
      expect(field(server, 'Uid')).not.toMatch(/\b0\b/)
      expect(field(server, 'CapEff')).toBe('0000000000000000')
      expect(field(server, 'NoNewPrivs')).toBe('1')
      expect(field(server, 'Seccomp')).toBe('2')
    })
    await eventually('the server has gone', () => servers().length === 0)
    expect(await inside('held', 'head -1 /proc/meminfo')).toContain(' 65536 kB')
    await sandbox.ok('restart', '-t', '0', 'held')
    expect(await inside('held', 'head -1 /proc/meminfo')).toContain(' 65536 kB')
  },
)

requires(
  present('FUSE', '/dev/fuse'),
  asked('TSCOMPOSE_TEST_SCALE'),
).test('a server that is full leaves who comes next to another one', { timeout: 600_000 }, async () => {
  const many = ['-f', 'many.yaml']
  const command = '[sh, -c, "while read -r x </proc/uptime; do sleep 0.3; done"]'
  sandbox.write(
    'many.yaml',
    `name: many\nservices: {a: {image: busybox, init: true, mem_limit: 16m, scale: 132, network_mode: none, command: ${command}}}\n`,
  )
  await sandbox.ok(...many, 'up', '-d')
  const totals = async (): Promise<string[]> => {
    const of = (index: number) =>
      sandbox.ok(...many, 'exec', '-T', '--index', `${index}`, 'a', 'head', '-1', '/proc/meminfo')
    return Promise.all([1, 64, 127, 128, 129, 130, 131, 132].map(async index => (await of(index)).stdout))
  }
  const right = Array<string>(8).fill('MemTotal:          16384 kB\n')
  await eventually('there are two', () => servers().length === 2)
  expect(await totals()).toEqual(right)
  for (const server of servers()) process.kill(server, 'SIGKILL')
  expect(await totals()).toEqual(right)
  await eventually('there are two again', () => servers().length === 2)
  await sandbox.ok(...many, 'kill')
  await sandbox.ok(...many, 'down', '-t', '0')
  await eventually('none is left', () => servers().length === 0)
})

fuse.test('nobody is left when nothing runs, nor a name in RUN', {}, async () => {
  await withServer('held', async () => {
    await sandbox.ok('kill')
    await eventually('no server is left', () => servers().length === 0)
  })
  await sandbox.ok('down', '-t', '0')
  await eventually('the engine has ended', () => sandbox.enginePid() === undefined)
  expect(readdirSync(join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'proc'))).toEqual([])
})

function waitsForServer(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/wchan`, 'utf8') === 'request_wait_answer'
  } catch {
    return false // it ended meanwhile
  }
}
