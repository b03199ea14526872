// What processes of a container do to it, to the engine and to their neighbours: scenarios C 11, 12, 16, 25, 26 and 29.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { present, requires } from '../../requires.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'
import { leaksSince, type Stock, takeStock } from '../harness/leaks.ts'

const lab = new EngineLab()
const NONE = { NetworkMode: 'none' }
let before: Stock

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
  await lab.sh('true')
  before = takeStock(lab)
})
afterEach(async () => {
  await lab.clear()
  await eventually('nothing is left', () => leaksSince(before, takeStock(lab)).length === 0)
})
afterAll(() => lab.close())

const stateOf = async (id: string) => (await lab.engine.containers.inspect(id, { size: false })).State

test('C11: a child that runs out of memory is killed alone, and is not told as the end of the container', async () => {
  const Memory = 24 << 20
  const id = await lab.run('oom', { HostConfig: { ...NONE, Memory, MemorySwap: Memory } })
  expect(await lab.exec(id, 'tail /dev/zero')).toMatchObject({ code: 137 })
  expect(await stateOf(id)).toMatchObject({ Running: true, Status: 'running' })
  expect((await lab.exec(id, 'echo alive')).out).toBe('alive\n')
})

test('C12: a fork bomb gets to its limit and no further, its neighbours do not feel it, and it can be stopped', async () => {
  const neighbour = await lab.run('neighbour', { HostConfig: NONE })
  const id = await lab.run('bomb', {
    Cmd: ['sh', '-c', 'b() { b | b & }; (while true; do b; sleep 0.01; done) & exec sleep 1000'],
    HostConfig: { ...NONE, PidsLimit: 20 },
  })
  await eventually('it is refused a process', async () => /can't fork/.test(await lab.log(id)))
  expect((await lab.engine.containers.top(id, '')).Processes.length).toBeLessThanOrEqual(20)
  expect((await lab.exec(neighbour, 'echo alive | cat')).out).toBe('alive\n')
  await lab.engine.containers.stop(id, { timeout: 0 })
  expect(await stateOf(id)).toMatchObject({ Status: 'exited', ExitCode: 137 })
})

test('C16: a process that somebody puts into the groups of a container is one of it from then on, and hinders no end', async () => {
  const id = await lab.run('host', { HostConfig: NONE })
  const guest = spawn('sleep', ['1000'], { stdio: 'ignore' })
  const ended = once(guest, 'exit')
  for (const path of groupsOf(id)) writeFileSync(join(path, 'cgroup.procs'), String(guest.pid))
  const { Processes } = await lab.engine.containers.top(id, '')
  expect(Processes.map(fields => fields.at(-1)).sort()).toEqual(['sleep 1000', 'sleep 1000'])
  await lab.engine.containers.remove(id, { force: true, volumes: true, link: false })
  expect(await ended).toEqual([null, 'SIGKILL'])
  await eventually('its groups are gone', () => groupsOf(id).length === 0)
})

/** A container's groups, in all hierarchies. */
function groupsOf(id: string): string[] {
  const root = '/sys/fs/cgroup'
  const hierarchies = [root, ...readdirSync(root).map(name => join(root, name))]
  return hierarchies.flatMap(hierarchy => {
    if (!existsSync(join(hierarchy, 'cgroup.procs'))) return []
    return readdirSync(hierarchy)
      .filter(name => name.startsWith('tscompose'))
      .map(name => join(hierarchy, name, id))
      .filter(path => existsSync(path))
  })
}

test('C25: who ends behind an exec is reaped by the container or by us, and no zombie stays on the host', async () => {
  const id = await lab.run('zombies', { HostConfig: { ...NONE, Init: true } })
  // Grandchildren whose parents have ended before them, and execs that end at once.
  for (let round = 0; round < 10; round += 1)
    expect((await lab.exec(id, '(sleep 0.01 &) ; (true &) ; exit 3')).code).toBe(3)
  // A list of processes has none that has ended; /proc has them until they are reaped.
  const ended = `cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z '`
  await eventually('init has reaped them', async () => (await lab.exec(id, ended)).out === '0\n')
  // The exec that has just told so may still be ending.
  await eventually(
    'only init and the command are there',
    async () => (await lab.engine.containers.top(id, '')).Processes.length === 2,
  )
  await eventually('ours are reaped', () => zombiesBelow(process.pid).length === 0)
})

/** Children of a process, in all depths, that have ended and were not reaped. */
function zombiesBelow(pid: number): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(each => {
      try {
        const [, state, parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${each}/stat`, 'utf8')) ?? []
        return state === 'Z' && Number(parent) === pid
      } catch {
        // It has ended, and was reaped.
        return false
      }
    })
}

const FUSE = present('FUSE', '/dev/fuse')

requires(
  FUSE,
).test('C26: a process that hangs in the kernel is reported in time, and ends when it can', {}, async () => {
  await withSilentFiles(async ({ mount, server, told }) => {
    const id = await lab.run('stuck', {
      Cmd: ['cat', '/stuck/file'],
      HostConfig: { ...NONE, Binds: [`${mount}:/stuck`] },
    })
    const healthy = await lab.run('healthy', { HostConfig: NONE })
    await eventually('it hangs', () => told().includes('asked'))
    const stopped = lab.engine.containers.stop(id, { timeout: 0 })
    // Others are served meanwhile.
    expect((await lab.exec(healthy, 'echo alive')).out).toBe('alive\n')
    await expect(stopped).rejects.toMatchObject({ code: 'CONTAINER_STUCK' })
    server.kill('SIGKILL')
    await eventually('it has ended', async () => (await stateOf(id)).Status === 'exited')
  })
})

requires(
  FUSE,
).test('C26: a source that never answers is refused in time, and holds up nobody else', {}, async () => {
  await withSilentFiles(async ({ mount, told }) => {
    const healthy = await lab.run('healthy', { HostConfig: NONE })
    const stuck = lab.run('stuck', { HostConfig: { ...NONE, Binds: [`${mount}/below:/stuck`] } })
    const refused = expect(stuck).rejects.toMatchObject({ code: 'PATH_SILENT' })
    await eventually('it is looked at', () => told().includes('asked'))
    expect((await lab.exec(healthy, 'echo alive')).out).toBe('alive\n')
    await refused
    expect((await lab.sh('echo alive')).out).toBe('alive\n')
  })
})

/** A file system whose server takes questions and answers none, and what it has said of them. */
interface SilentFiles {
  readonly mount: string
  readonly server: ChildProcess
  readonly told: () => string
}

async function withSilentFiles(use: (files: SilentFiles) => Promise<void>): Promise<void> {
  const folder = mkdtempSync('/var/tmp/tsc-never-')
  const mount = join(folder, 'mount')
  mkdirSync(mount)
  const flags = ['-static', '-O1', '-D_GNU_SOURCE', '-std=gnu11']
  execFileSync('gcc', [...flags, '-o', join(folder, 'never-answers'), 'native/test/never-answers.c'])
  const server = spawn(join(folder, 'never-answers'), [mount], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const told = wordsOf(server)
    await eventually('it is mounted', () => told().includes('ready'))
    await use({ mount, server, told })
  } finally {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL')
      await once(server, 'exit')
    }
    execFileSync('umount', ['-l', mount])
    rmSync(folder, { recursive: true })
  }
}

function wordsOf(child: ChildProcess): () => string {
  let words = ''
  child.stdout?.on('data', chunk => {
    words += String(chunk)
  })
  return () => words
}

test('C29: a pipe in the place of passwd is none, which is said at once, and hinders nothing else', async () => {
  await lab.build('fifo', 'FROM bb\nRUN rm /etc/passwd && mkfifo /etc/passwd\n', {})
  const { Id } = await lab.engine.containers.create(
    { Image: 'fifo', User: 'www', HostConfig: NONE },
    { name: 'fifo' },
  )
  await expect(lab.engine.containers.start(Id, {})).rejects.toMatchObject({ code: 'USER_UNKNOWN' })
  expect(await stateOf(Id)).toMatchObject({ Running: false })
  expect((await lab.sh('echo alive')).out).toBe('alive\n')
})

test('a command that init has no process left for is a start that failed', async () => {
  const body = { Image: 'bb', HostConfig: { ...NONE, Init: true, PidsLimit: 1 } }
  const { Id } = await lab.engine.containers.create(body, { name: 'alone' })
  await expect(lab.engine.containers.start(Id, {})).rejects.toMatchObject({ code: 'COMMAND_NOT_EXECUTABLE' })
})
