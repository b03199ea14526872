// The native program on the real kernel: a busybox root in real namespaces, and what happens when a step fails.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeProgram, findNative, type InsideOp, type Program } from '../../../src/native/index.ts'
import { eventually, failing, NativeLab, SANITIZED } from './native-lab.ts'

/** A time to sleep that no other test has. */
const LONG = 100_000 + process.pid

let lab: NativeLab
beforeEach(() => {
  lab = new NativeLab()
})
afterEach(async () => {
  await lab.close()
})

describe('a foreground container', () => {
  test('has its own namespaces, its three fds and nothing of the host', async () => {
    const script =
      'hostname; pwd; id -u; for n in mnt pid net ipc uts time; do readlink /proc/self/ns/$n; done; cat /proc/mounts; echo err >&2; exit 3'
    const result = await lab.foreground({ argv: ['sh', '-c', script] })
    const [hostname, cwd, uid, ...rest] = result.stdout.split('\n')
    expect([hostname, cwd, uid, result.stderr, result.exitCode]).toEqual(['lab', '/work', '0', 'err\n', 3])
    for (const line of rest.slice(0, 6))
      expect(line).not.toBe(readlinkSync(`/proc/self/ns/${line.split(':')[0]}`))
    expect(result.stdout).not.toContain(lab.folder)
    expect(result.stdout).toContain('redirect_dir=nofollow')
  })

  test('gives PID 1 no fd but 0, 1 and 2, and exactly its capabilities', async () => {
    const result = await lab.foreground({ argv: ['sh', '-c', 'echo /proc/1/fd/*; cat /proc/1/status'] })
    // The shell has its own fd for the folder only while it expands.
    expect(result.stdout.split('\n')[0]).toMatch(
      /^\/proc\/1\/fd\/0 \/proc\/1\/fd\/1 \/proc\/1\/fd\/2( \/proc\/1\/fd\/3)?$/,
    )
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(result.stdout)?.[1]
    expect([field('CapEff'), field('CapPrm'), field('CapBnd')]).toEqual(Array(3).fill('00000000a80425fb'))
    expect([field('CapInh'), field('CapAmb')]).toEqual(Array(2).fill('0000000000000000'))
    expect([field('Seccomp'), field('NoNewPrivs')]).toEqual(['2', '0'])
  })

  test('can reopen /dev/stdout, masks hide and cannot be undone, /proc/sys is read-only', async () => {
    const script =
      'echo again > /dev/stdout; head -c1 /proc/keys; ls /proc/acpi; echo x > /proc/sys/kernel/msgmax; echo $?'
    const { stdout } = await lab.foreground({ argv: ['sh', '-c', script] })
    expect(stdout).toBe('again\n1\n')
  })

  test('tells a missing command from one that cannot be run, with and without init', async () => {
    for (const init of SANITIZED ? [false] : [false, true]) {
      expect(await failing(lab.foreground({ argv: ['no-such-command'], init }))).toEqual({
        code: 'COMMAND_NOT_FOUND',
        op: 'exec',
        errno: 'ENOENT',
      })
      expect(await failing(lab.foreground({ argv: ['/tmp'], init }))).toEqual({
        code: 'COMMAND_NOT_EXECUTABLE',
        op: 'exec',
        errno: 'EACCES',
      })
    }
  })

  test('dies with its caller when it is aborted', async () => {
    const abort = new AbortController()
    let seen: readonly string[] = []
    const work = lab.native.runForeground(lab.program({ argv: ['sh', '-c', `echo up; sleep ${LONG}`] }), {
      signal: abort.signal,
      onOutput: () => {
        seen = processesNaming(`sleep ${LONG}`)
        abort.abort()
      },
    })
    await expect(work).rejects.toThrow()
    await eventually(() => processesNaming(`sleep ${LONG}`).length === 0)
    expect(seen).not.toEqual([])
  })

  test('dies also when it is aborted while it begins, before anybody knows its process', async () => {
    const abort = new AbortController()
    const work = lab.native.runForeground(lab.program({ argv: ['sleep', String(LONG)] }), {
      signal: abort.signal,
      onOutput: () => undefined,
    })
    abort.abort()
    await expect(work).rejects.toThrow()
    await eventually(() => processesNaming(`sleep ${LONG}`).length === 0)
  })
})

/** The pids of the processes whose command line has these words: the shell that runs them, and what it started. */
function processesNaming(words: string): readonly string[] {
  return readdirSync('/proc').filter(name => {
    if (!/^\d+$/.test(name)) return false
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(words)
    } catch {
      return false
    }
  })
}

describe('a user namespace', () => {
  const ids = [{ inside: 0, outside: 100_000, count: 65_536 }]

  const kinds = ['mnt', 'pid', 'ipc', 'uts', 'cgroup'] as const
  const ways: readonly (readonly [string, Pick<Program, 'launch' | 'attend'>])[] = [
    [
      'of its own',
      {
        launch: [{ op: 'clone', newNamespaces: [...kinds, 'user'], net: 'host' }],
        attend: [
          { op: 'writeProc', file: 'uid_map', value: '0 100000 65536\n' },
          { op: 'writeProc', file: 'gid_map', value: '0 100000 65536\n' },
        ],
      },
    ],
    ['of others', { launch: [{ op: 'clone', newNamespaces: kinds, net: 'host', usernsSlot: 20 }] }],
  ]

  test.each(
    ways,
  )('%s makes root somebody else outside, while owners on disk stay as they are', async (_, way) => {
    const program = lab.program({
      argv: ['sh', '-c', 'cat /proc/self/uid_map; id -u; echo x > /made; echo again > /dev/stdout'],
    })
    const isNet = (op: { readonly op: string }): boolean => op.op === 'sysctl'
    const outside = (program.outside ?? []).map(op => {
      if (op.op === 'openTree') return { ...op, usernsSlot: 20 }
      return op.op === 'overlay' ? { ...op, asUid: 100_000, asGid: 100_000 } : op
    })
    const output: string[] = []
    const { exitCode } = await lab.native.runForeground(
      {
        setup: [{ op: 'createUserns', slot: 20, uidMap: ids, gidMap: ids }],
        outside: [
          ...outside,
          // A device made in a user namespace cannot be opened: /dev is made outside and mapped then.
          { op: 'fsMount', slot: 5, type: 'tmpfs', options: ['mode=755'], attributes: ['nosuid'] },
          { op: 'mknod', slot: 5, path: 'null', type: 'char', major: 1, minor: 3, mode: 0o666 },
          { op: 'symlink', slot: 5, path: 'stdout', target: '/proc/self/fd/1' },
          { op: 'idmapMount', slot: 5, usernsSlot: 20 },
        ],
        ...way,
        inside: (program.inside ?? [])
          .filter(op => !isNet(op) && op.op !== 'mknod' && op.op !== 'symlink')
          .map(op => (op.op === 'mount' && op.target === '/dev' ? DEV : op)),
        exec: program.exec ?? [],
      },
      { onOutput: (_stream, chunk) => output.push(chunk.toString()) },
    )
    expect(output.join('').replace(/ +/g, ' ')).toBe(' 0 100000 65536\n0\nagain\n')
    expect(exitCode).toBe(0)
    expect(statSync(lab.path('container/upper/made')).uid).toBe(0)
  })
})

/** /dev as it was prepared outside. */
const DEV: InsideOp = { op: 'moveMount', slot: 5, target: '/dev', create: 'folder' }

describe('failing closed', () => {
  const cases: readonly {
    readonly name: string
    readonly inside: InsideOp
    readonly errno: string
    readonly code?: string
  }[] = [
    { name: 'mount', inside: { op: 'mount', type: 'nosuchfs', target: '/x' }, errno: 'ENODEV' },
    {
      name: 'moveMount',
      inside: { op: 'moveMount', slot: 99, target: '/x', create: 'folder' },
      errno: 'EBADF',
    },
    {
      name: 'mkdir',
      inside: { op: 'mkdir', path: '/bin/sh/x', mode: 0o755 },
      errno: 'ENOTDIR',
      code: 'WORKING_DIR_BLOCKED',
    },
    {
      name: 'sysctl',
      inside: { op: 'sysctl', key: 'net.no.such.key', value: '1' },
      errno: 'ENOENT',
      code: 'SYSCTL_REFUSED',
    },
    { name: 'rlimit', inside: { op: 'rlimit', resource: 99, soft: 1n, hard: 1n }, errno: 'EINVAL' },
    {
      name: 'setAttributes',
      inside: { op: 'setAttributes', path: '/nowhere', attributes: ['ro'] },
      errno: 'ENOENT',
    },
  ]
  test.each(cases)('an inside stage that fails at $name never runs the payload', async ({
    name,
    inside,
    errno,
    code = 'NATIVE_FAILED',
  }) => {
    const connection = await lab.monitor({ argv: ['sh', '-c', 'echo ran'], inside: [inside] })
    expect(await failing(connection.start())).toEqual({ code, op: name, errno })
    await connection.closed
    expect(lab.log()).toBe('')
    expect(lab.status()).toMatchObject({ phase: 'exited', exitCode: 128, pid: 0 })
    expect(lab.mounts()).toEqual([])
    await eventually(() => lab.processes().length === 0 && !existsSync(lab.path('run/monitor.sock')))
  })

  test('an outside stage that fails leaves no process', async () => {
    const program = lab.monitored({ argv: ['true'] })
    const broken: Program = {
      ...program,
      outside: [{ op: 'openTree', slot: 1, path: lab.path('no-layer'), recursive: false }],
    }
    await lab.native.startMonitor(broken)
    const connection = await lab.connect()
    expect(await failing(connection.start())).toEqual({
      code: 'NATIVE_FAILED',
      op: 'openTree',
      errno: 'ENOENT',
    })
    await connection.closed
  })

  test('a published port that is taken is named before anything runs', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const address = server.address()
    const hostPort = typeof address === 'object' && address !== null ? address.port : 0
    const program = lab.monitored({ argv: ['sh', '-c', 'echo ran'] })
    await lab.native.startMonitor({
      ...program,
      supervise: [
        ...(program.supervise ?? []),
        {
          op: 'publish',
          protocol: 'tcp',
          hostIp: '127.0.0.1',
          hostPort,
          targetIp: '127.0.0.2',
          targetPort: 80,
          count: 1,
          both: false,
        },
      ],
    })
    const connection = await lab.connect()
    expect(await failing(connection.start())).toEqual({
      code: 'PORT_IN_USE',
      op: 'publish',
      errno: 'EADDRINUSE',
    })
    await connection.closed
    server.close()
    expect(lab.log()).toBe('')
  })

  test('a program with a wrong byte is refused before any of it is used', async () => {
    const bytes = encodeProgram(lab.program({ argv: ['true'] }))
    bytes.writeUInt16LE(9999, 16)
    const child = spawn(findNative(), ['check'], { stdio: ['pipe', 'pipe', 'ignore'] })
    child.stdin.end(bytes)
    const code = await new Promise(resolve => child.once('exit', resolve))
    expect(code).toBe(1)
  })

  test.each([
    '/proc/self/fd/3',
    '/proc/1/cwd',
    '/proc/self/root',
  ])('a working directory of %s is refused', async path => {
    const program = lab.program({ argv: ['true'] })
    const inside = (program.inside ?? []).map(op => (op.op === 'chdir' ? { ...op, path } : op))
    const failure = await failing(
      lab.native.runForeground({ ...program, inside }, { onOutput: () => undefined }),
    )
    expect(failure).toEqual({ code: 'NATIVE_FAILED', op: 'chdir', errno: 'ELOOP' })
  })
})
