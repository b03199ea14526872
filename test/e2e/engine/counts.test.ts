import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { program, requires, root } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// What one container's whole life costs the kernel, counted: the same on a busy machine as on one that has nothing else to do.

/** What is counted in the engine, its spawner and all that comes of them. */
interface Counts {
  /** Processes that are begun; threads are none. */
  readonly processes: number
  /** Programs that are executed. */
  readonly programs: number
  /** Files, folders and sockets that are made in file systems that may be on a disk. */
  readonly files: number
  /** Waits for the disk. */
  readonly syncs: number
}

/** These may only fall: who makes less of one writes the new number here. Of a container on the default bridge, with an image that others have. */
const MOST: Counts = { processes: 5, programs: 1, files: 18, syncs: 1 }

/** Containers that are counted together, one after the other. */
const LIVES = 5

/** System calls of all that is borne for such a container's life, but those of who waits. These may only fall, too: groups are v1's, where the machine has those. */
const CALLS_OF_LIFE = 787
const WAITING = /^(poll|read|recvfrom|recvmsg|restart_syscall|wait4|waitid|futex|write|sendto)\(/

/** System calls of a look for one container more, of two sizes of a project. These may only fall, too; three of them ask whether a group around it is frozen. */
const CALLS_OF_LOOK = 136
const SIZES = [2, 6] as const

const CALLS =
  'clone,clone3,fork,vfork,execve,execveat,openat,mkdir,mkdirat,link,bind,fsync,fdatasync,syncfs,sync'

let sandbox: Sandbox
let docker: Docker
let folder: string

const { describe } = requires(root, program('strace'))

describe('a container’s life', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsc-counts-'))
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
    docker = new Docker({ socketPath: sandbox.socket })
  })
  afterAll(async () => {
    docker.modem.destroy()
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const { test } = requires()
  test('costs no more than it did', { timeout: 120_000 }, async () => {
    // What is found out once, and stands for those that come: the default bridge, the image's users.
    await live()
    const engine = sandbox.enginePid() ?? 0
    const end = await trace([engine, ...childrenOf(engine)])
    for (let life = 0; life < LIVES; life++) await live()
    await end()
    const counted = perLife(countsOf(folder))
    for (const key of Object.keys(MOST) as (keyof Counts)[])
      expect(counted[key], `${key} of ${JSON.stringify(counted)}`).toBeLessThanOrEqual(MOST[key])
  })

  test('costs no more system calls than it did', { timeout: 120_000 }, async () => {
    await live()
    const spawners = childrenOf(sandbox.enginePid() ?? 0).filter(isSpawner)
    const into = mkdtempSync(join(folder, 'life-'))
    const end = await trace(spawners, 'all', into)
    for (let life = 0; life < LIVES; life++) await live()
    await end()
    const calls = callsOf(into, spawners).filter(line => !WAITING.test(line)).length
    expect(calls / LIVES).toBeLessThanOrEqual(CALLS_OF_LIFE)
  })
})

describe('a look at what the kernel has', () => {
  let lab: Sandbox
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsc-counts-'))
    lab = makeSandbox()
    await lab.busybox()
  })
  afterAll(async () => {
    await lab.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const { test } = requires()
  test('costs no more calls a container than it did', { timeout: 120_000 }, async () => {
    const calls: number[] = []
    for (const size of SIZES) {
      const services = Array.from(
        { length: size },
        (_value, at) => `  s${at}: {image: busybox, command: sleep 100000, init: true}`,
      )
      lab.write('compose.yaml', ['name: looked-at', 'services:', ...services, ''].join('\n'))
      await lab.ok('up', '-d')
      const spawners = childrenOf(lab.enginePid() ?? 0).filter(isSpawner)
      const into = mkdtempSync(join(folder, 'look-'))
      const end = await trace(spawners, 'all', into)
      await lab.ok('up', '-d')
      await end()
      calls.push(callsOf(into, spawners).length)
    }
    const [few = 0, many = 0] = calls
    expect((many - few) / (SIZES[1] - SIZES[0]), String(calls)).toBeLessThanOrEqual(CALLS_OF_LOOK)
  })
})

const isSpawner = (pid: number): boolean =>
  readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('spawner')

async function live(): Promise<void> {
  const container = await docker.createContainer({ Image: 'busybox', Cmd: ['true'] })
  await container.start()
  await container.wait()
  await container.remove()
}

/** Writes down what processes and those that come of them do; resolves when nothing is missed, to what ends it. */
async function trace(
  all: readonly number[],
  calls: string = CALLS,
  into: string = folder,
): Promise<() => Promise<void>> {
  const tracer = spawn(
    'strace',
    [
      '-f',
      '-ff',
      '-qq',
      '-e',
      `trace=${calls}`,
      '-o',
      join(into, 'calls'),
      ...all.flatMap(each => ['-p', String(each)]),
    ],
    { stdio: 'ignore' },
  )
  const ended = once(tracer, 'exit')
  await eventually('all threads are traced', () => all.flatMap(tasksOf).every(isTraced))
  return async () => {
    tracer.kill('SIGINT')
    await ended
  }
}

/** Each call that was written down, but what spawners do themselves, which is in the files of their own pids. */
function callsOf(traces: string, spawners: readonly number[]): string[] {
  return readdirSync(traces)
    .filter(name => !spawners.some(pid => name.endsWith(`.${pid}`)))
    .flatMap(name => readFileSync(join(traces, name), 'latin1').split('\n'))
    .filter(line => line.includes('('))
}

const tasksOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`).map(task => `/proc/${pid}/task/${task}`)
const isTraced = (task: string): boolean =>
  /^TracerPid:\s*[1-9]/m.test(readFileSync(`${task}/status`, 'utf8'))
const childrenOf = (pid: number): number[] =>
  tasksOf(pid).flatMap(task =>
    readFileSync(`${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )

/** Of all that was written down, what succeeded. */
function countsOf(traces: string): Counts {
  const calls = readdirSync(traces)
    .flatMap(name => readFileSync(join(traces, name), 'latin1').split('\n'))
    .filter(line => / = \d+/.test(line))
  const count = (isOne: (call: string) => boolean): number => calls.filter(isOne).length
  // Of the kernel's file systems there are as many as the machine has control groups; names of one moment become one write.
  const isSpecial = (call: string): boolean => /"\/(proc|sys|dev)\/|\/names\./.test(call)
  return {
    processes: count(call => /^(clone3?|v?fork)\(/.test(call) && !call.includes('CLONE_THREAD')),
    programs: count(call => /^execve/.test(call)),
    files: count(
      call => /^(openat\(.*O_CREAT|mkdir\(|link\(|bind\(.*sun_path)/.test(call) && !isSpecial(call),
    ),
    syncs: count(call => /^(f(data)?sync|sync)/.test(call)),
  }
}

function perLife(counts: Counts): Counts {
  const of = (total: number): number => Math.round((total / LIVES) * 100) / 100
  return {
    processes: of(counts.processes),
    programs: of(counts.programs),
    files: of(counts.files),
    syncs: of(counts.syncs),
  }
}
