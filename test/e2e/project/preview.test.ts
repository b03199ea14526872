// What only shows changes nothing: no file, mount, namespace, process or socket of the kernel's, in the command and in the engine.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { program, requires, root } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

/** Calls that change something, or may: files by what they are opened for. */
const CALLS = [
  ...[
    'open',
    'openat',
    'openat2',
    'creat',
    'truncate',
    'rename',
    'renameat',
    'renameat2',
    'unlink',
    'unlinkat',
  ],
  ...[
    'mkdir',
    'mkdirat',
    'rmdir',
    'link',
    'linkat',
    'symlink',
    'symlinkat',
    'mknod',
    'mknodat',
    'chmod',
    'fchmod',
  ],
  ...['fchmodat', 'chown', 'fchown', 'lchown', 'fchownat', 'utimensat', 'setxattr', 'lsetxattr', 'fsetxattr'],
  ...[
    'removexattr',
    'mount',
    'umount2',
    'move_mount',
    'mount_setattr',
    'pivot_root',
    'setns',
    'unshare',
    'kill',
  ],
  ...['tkill', 'pidfd_send_signal', 'sethostname', 'execve', 'execveat', 'bpf', 'prlimit64', 'setpriority'],
]

/** Of a command: its place in the queue of the project's changes, and its own start. */
const OWN = [
  /\/run\/projects\/project\.lock/,
  /"\/dev\/(?:null|tty)"/,
  /"\/proc\/self\/(?:comm|task)/,
  /prlimit64\(0, \w+, NULL/,
  // Somebody is asked whether he is there.
  /^kill\(\d+, 0\)/,
]

const { describe } = requires(root, program('strace'))

describe('a preview', () => {
  let box: Sandbox
  let folder: string

  beforeAll(async () => {
    box = makeSandbox({ env: { TSCOMPOSE_COLD: '1' } })
    folder = mkdtempSync(join(tmpdir(), 'tsc-preview-'))
    await box.busybox()
    await box.hold()
  })
  afterAll(async () => {
    await box.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const { test } = requires()
  test('changes nothing, whether there is something to do or not', { timeout: 120_000 }, async () => {
    box.write('compose.yaml', file('one'))
    await box.ok('up', '-d')
    await box.ok('plan')
    const commands = [['plan'], ['plan', '--json'], ['up', '-d', '--dry-run']]
    const end = await traceEngine(box.enginePid() ?? 0)
    for (const args of commands) expect(await traced(args)).toEqual([])
    box.write('compose.yaml', file('two'))
    for (const args of commands) expect(await traced(args)).toEqual([])
    await end()
    expect(changesIn('engine')).toEqual([])
    const { status } = await box.run('plan', '--detailed-exitcode')
    expect(status).toBe(2)
  })

  /** What a command does that changes something. */
  async function traced(args: readonly string[]): Promise<readonly string[]> {
    const tracer = spawn(
      'strace',
      [
        '-f',
        '-qq',
        '-e',
        `trace=${CALLS.join(',')}`,
        '-o',
        join(folder, 'command'),
        join(process.cwd(), 'bin/tscompose'),
        ...args,
      ],
      { cwd: box.folder, env: { ...box.env }, stdio: 'ignore' },
    )
    const [status] = (await once(tracer, 'exit')) as [number]
    expect(status).toBe(0)
    return changesIn('command')
  }

  async function traceEngine(pid: number): Promise<() => Promise<void>> {
    const tracer = spawn(
      'strace',
      ['-f', '-qq', '-e', `trace=${CALLS.join(',')}`, '-o', join(folder, 'engine'), '-p', String(pid)],
      { stdio: 'ignore' },
    )
    const ended = once(tracer, 'exit')
    await eventually('all threads are traced', () => tasksOf(pid).every(isTraced))
    return async () => {
      tracer.kill('SIGINT')
      await ended
    }
  }

  /** Lines of a trace, without pids, that succeeded and change what is not its own. */
  function changesIn(name: string): readonly string[] {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n')
    const calls = lines.map(line => line.replace(/^\d+\s+/, '')).filter(line => /^[a-z0-9_]+\(/.test(line))
    return calls.filter(call => {
      if (/= -1 E|^(?:execve)\(/.test(call) && !/unfinished/.test(call))
        return name === 'engine' && /^execve/.test(call)
      if (/^open/.test(call) && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(call)) return false
      return !OWN.some(pattern => pattern.test(call))
    })
  }
})

const file = (value: string): string => `services:
  web:
    image: busybox
    init: true
    command: [sleep, "1000"]
    environment: {VALUE: "${value}"}
    healthcheck: {disable: true}
    volumes: [data:/data]
volumes: {data: {}}
`

const tasksOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`).map(task => `/proc/${pid}/task/${task}`)
const isTraced = (task: string): boolean =>
  /^TracerPid:\s*[1-9]/m.test(readFileSync(`${task}/status`, 'utf8'))
