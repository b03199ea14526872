// `exec` and `run` programs of the native binary on the real kernel.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTimeOf } from '../../../src/linux/process-identity.ts'
import { createNative, findNative, type Native, type Program } from '../../../src/native/index.ts'
import { egressOp } from '../../../src/network/index.ts'
import { containerNetlink, createBridge, deleteLink } from '../../../src/network/netlink/index.ts'
import { type Need, program, requires } from '../../requires.ts'
import { eventually, failing, NativeLab } from './native-lab.ts'

let lab: NativeLab
beforeEach(() => {
  lab = new NativeLab()
})
afterEach(async () => {
  await lab.close()
})

async function textOf(stream: Readable | undefined): Promise<string> {
  let text = ''
  for await (const chunk of stream ?? []) text += String(chunk)
  return text
}

/** Of statfs(2), `EXT4_SUPER_MAGIC`. */
const EXT4 = 0xef53
const onExt4: Need = {
  what: 'ext4 for temporary files',
  missing: statfsSync(tmpdir()).type === EXT4 ? undefined : 'they are on another file system',
}

const startTime = (pid: number): bigint => startTimeOf(pid) ?? 0n

describe('exec', () => {
  test('joins every namespace, has its own stdio and exit code', async () => {
    const connection = await lab.monitor({ argv: ['sleep', '1000'] })
    const { pid } = await connection.start()
    const { pidStartTime } = lab.status()
    const script =
      'for n in mnt pid net ipc uts cgroup time; do readlink /proc/self/ns/$n; done; hostname; cat; echo err >&2; exit 5'
    const session = await lab.native.exec(
      {
        launch: [{ op: 'join', pid, startTime: pidStartTime }],
        inside: [{ op: 'chdir', path: '/work', create: false }],
        exec: [{ op: 'exec', argv: ['sh', '-c', script], env: ['PATH=/bin'], init: false }],
      },
      { tty: false, stdin: true },
    )
    session.stdin?.end('input\n')
    const [stdout, stderr] = await Promise.all([textOf(session.stdout), textOf(session.stderr)])
    expect(await session.exited).toEqual({ exitCode: 5 })
    const spaces = ['mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup', 'time'].map(name =>
      readlinkSync(`/proc/${pid}/ns/${name}`),
    )
    expect(stdout.trim().split('\n')).toEqual([...spaces, 'lab', 'input'])
    expect(stderr).toBe('err\n')
    await connection.signal(9, { manual: true })
    await connection.closed
  })

  test('never enters a process that has only the same pid', async () => {
    const connection = await lab.monitor({ argv: ['sleep', '1000'] })
    const { pid } = await connection.start()
    const program: Program = {
      launch: [{ op: 'join', pid, startTime: 1n }],
      exec: [{ op: 'exec', argv: ['true'], env: ['PATH=/bin'], init: false }],
    }
    expect(await failing(lab.native.exec(program, { tty: false, stdin: false }))).toMatchObject({
      code: 'CONTAINER_NOT_RUNNING',
    })
    await connection.signal(9, { manual: true })
    await connection.closed
  })
})

describe('other containers', () => {
  test('a tree of a running one can be mounted in another', async () => {
    const connection = await lab.monitor({
      argv: ['sh', '-c', 'mkdir /shared; echo mine > /shared/file; echo ready; sleep 1000'],
    })
    const { pid } = await connection.start()
    await eventually(() => lab.log().includes('ready'))
    const other = new NativeLab()
    try {
      const program = other.program({
        argv: ['cat', '/theirs/file'],
        inside: [{ op: 'moveMount', slot: 9, target: '/theirs', create: 'folder' }],
      })
      const outside: Program['outside'] = [
        ...(program.outside ?? []),
        { op: 'openNamespace', slot: 8, pid, startTime: startTime(pid), kind: 'mnt' },
        { op: 'openTree', slot: 9, path: '/shared', recursive: false, namespaceSlot: 8 },
      ]
      const output: string[] = []
      await other.native.runForeground(
        { ...program, outside },
        { onOutput: (_, chunk) => output.push(chunk.toString()) },
      )
      expect(output.join('')).toBe('mine\n')
    } finally {
      await other.close()
    }
    await connection.signal(9, { manual: true })
    await connection.closed
  })

  test('namespaces of a process that has the number of another one are not joined', async () => {
    const connection = await lab.monitor({ argv: ['sleep', '1000'] })
    const { pid } = await connection.start()
    const other = new NativeLab()
    try {
      const program = other.program({ argv: ['true'] })
      const open = {
        op: 'openNamespace',
        slot: 30,
        pid,
        startTime: startTime(pid) + 1n,
        kind: 'pid',
      } as const
      const outside: Program['outside'] = [...(program.outside ?? []), open]
      const run = other.native.runForeground({ ...program, outside }, { onOutput: () => undefined })
      expect(await failing(run)).toMatchObject({ op: 'openNamespace', errno: 'ESRCH' })
    } finally {
      await other.close()
    }
    await connection.signal(9, { manual: true })
    await connection.closed
  })

  test('namespaces of a running one can be joined', async () => {
    const connection = await lab.monitor({ argv: ['sleep', '1000'] })
    const { pid } = await connection.start()
    const kinds = ['pid', 'ipc', 'uts'] as const
    const program = lab.program({
      argv: ['sh', '-c', 'for n in pid ipc uts net; do readlink /proc/self/ns/$n; done'],
    })
    const output: string[] = []
    const other = new NativeLab()
    try {
      const holder = { pid: lab.status().monitorPid, startTime: startTime(lab.status().monitorPid) }
      const openNetns = { op: 'openNetns', path: `/proc/${holder.pid}/fd/100`, ...holder } as const
      const mnt = { op: 'openNamespace', slot: 33, pid, startTime: startTime(pid), kind: 'mnt' } as const
      const base = other.program({ argv: program.exec?.[0]?.argv ?? [] })
      const joining: Program = {
        ...base,
        setup: [openNetns],
        outside: [
          ...(base.outside ?? []),
          ...kinds.map((kind, index) => ({ ...mnt, slot: 30 + index, kind })),
          mnt,
          { op: 'openTree', slot: 34, path: '/proc', recursive: false, namespaceSlot: 33 },
        ],
        launch: [
          { op: 'clone', newNamespaces: ['mnt', 'cgroup'], net: 'container', joinSlots: [30, 31, 32] },
        ],
        inside: (base.inside ?? []).map(op =>
          op.op === 'mount' && op.type === 'proc'
            ? { op: 'moveMount', slot: 34, target: '/proc', create: 'folder' }
            : op,
        ),
      }
      const run = (each: Program) =>
        other.native.runForeground(each, { onOutput: (_, chunk) => output.push(chunk.toString()) })
      // A proc that is made by who joins would be the host's; a number may be another's by now.
      expect(
        await failing(run({ ...joining, ...(base.inside ? { inside: base.inside } : {}) })),
      ).toMatchObject({
        op: 'mount',
        errno: 'EINVAL',
      })
      expect(await failing(run({ ...joining, setup: [{ ...openNetns, startTime: 1n }] }))).toMatchObject({
        op: 'openNetns',
        errno: 'ESRCH',
      })
      await run(joining)
    } finally {
      await other.close()
    }
    expect(output.join('').trim().split('\n')).toEqual(
      [...kinds, 'net'].map(kind => readlinkSync(`/proc/${pid}/ns/${kind}`)),
    )
    await connection.signal(9, { manual: true })
    await connection.closed
  })
})

describe('run', () => {
  test('copies a tree with owners, modes, links and holes in nothing', async () => {
    const { run } = lab.native
    mkdirSync(lab.path('from/sub'), { recursive: true })
    chownSync(lab.path('from/sub'), 5, 6)
    chmodSync(lab.path('from/sub'), 0o2750)
    writeFileSync(lab.path('from/sub/a'), 'text')
    chownSync(lab.path('from/sub/a'), 7, 8)
    chmodSync(lab.path('from/sub/a'), 0o4711)
    await run({
      outside: [
        { op: 'open', slot: 0, path: lab.folder, kind: 'folder' },
        { op: 'symlink', slot: 0, path: 'from/escape', target: '/etc/passwd' },
        { op: 'mknod', slot: 0, path: 'from/fifo', type: 'fifo', mode: 0o600 },
        { op: 'mknod', slot: 0, path: 'from/device', type: 'char', major: 1, minor: 3, mode: 0o600 },
        { op: 'setXattr', slot: 0, path: 'from/sub/a', name: 'user.note', value: Buffer.from('kept') },
        { op: 'copyTree', fromSlot: 0, from: 'from', toSlot: 0, to: 'to/here', create: true },
      ],
    })
    const of = (name: string): number[] => {
      const info = statSync(lab.path(name))
      return [info.mode & 0o7777, info.uid, info.gid]
    }
    expect(of('to/here/sub')).toEqual([0o2750, 5, 6])
    expect(of('to/here/sub/a')).toEqual([0o4711, 7, 8])
    expect(readlinkSync(lab.path('to/here/escape'))).toBe('/etc/passwd')
    expect(readdirSync(lab.path('to/here')).sort()).toEqual(['device', 'escape', 'fifo', 'sub'])
    expect(statSync(lab.path('to/here/device')).rdev).toBe(statSync(lab.path('from/device')).rdev)
    const { outputs } = await run({
      outside: [
        { op: 'open', slot: 0, path: lab.path('to/here'), kind: 'folder' },
        { op: 'readFile', slot: 0, path: 'sub/a', maxBytes: 10 },
        { op: 'getXattr', slot: 0, path: 'sub/a', name: 'user.note' },
        { op: 'readFile', slot: 0, path: 'sub/missing', maxBytes: 10, optional: true },
        { op: 'readFile', slot: 0, path: 'sub', maxBytes: 10, optional: true },
        { op: 'readFile', slot: 0, path: 'device', maxBytes: 10, optional: true },
      ],
    })
    expect(outputs.map(String)).toEqual(['text', 'kept'])
    await run({
      outside: [
        { op: 'open', slot: 0, path: lab.folder, kind: 'folder' },
        { op: 'removeTree', slot: 0, path: 'to' },
        { op: 'syncFilesystem', slot: 0 },
      ],
    })
    expect(existsSync(lab.path('to'))).toBe(false)
  })

  test('labels a tree, links themselves and nothing that they lead to', async () => {
    const { run } = lab.native
    mkdirSync(lab.path('from/sub'), { recursive: true })
    for (const name of ['from/sub/a', 'aside']) writeFileSync(lab.path(name), '')
    const open = { op: 'open', slot: 0, path: lab.folder, kind: 'folder' } as const
    const label = 'system_u:object_r:container_file_t:s0:c1,c2'
    // Without its kernel's part any text will do, and whoever may administer may write it.
    const told = async (path: string): Promise<string[]> => {
      const read = { op: 'getXattr', slot: 0, path, name: 'security.selinux' } as const
      return (await run({ outside: [open, read] })).outputs.map(text => String(text).replace('\0', ''))
    }
    const before = await told('aside')
    await run({
      outside: [
        open,
        { op: 'symlink', slot: 0, path: 'from/link', target: '../aside' },
        { op: 'symlink', slot: 0, path: 'from/nowhere', target: 'missing' },
        { op: 'relabel', slot: 0, path: 'from', label },
        { op: 'relabel', slot: 0, path: 'from/sub/a', label },
      ],
    })
    for (const path of ['from', 'from/sub', 'from/sub/a', 'from/link', 'from/nowhere'])
      expect(await told(path)).toEqual([label])
    expect(await told('aside')).toEqual(before)
  })

  requires(onExt4, program('lsattr')).test('has folders spread over the disk', {}, async () => {
    mkdirSync(lab.path('many'))
    const attributes = (): string => execFileSync('lsattr', ['-d', lab.path('many')], { encoding: 'utf8' })
    expect(attributes()).not.toMatch(/^\S*T/)
    // The second time it is so already.
    for (let time = 0; time < 2; time += 1)
      await lab.native.run({
        outside: [
          { op: 'open', slot: 0, path: lab.path('many'), kind: 'folder' },
          { op: 'spreadFolders', slot: 0 },
        ],
      })
    expect(attributes()).toMatch(/^\S*T/)
  })

  test('leaves a file system alone that has no say where folders lie', async () => {
    const spread = lab.native.run({
      outside: [
        { op: 'open', slot: 0, path: '/proc', kind: 'folder' },
        { op: 'spreadFolders', slot: 0 },
      ],
    })
    await expect(spread).resolves.toBeDefined()
  })

  test('paths beneath a root do not leave it, whatever links lie there; odd files are refused', async () => {
    writeFileSync(lab.path('victim'), 'secret')
    await lab.native.run({
      outside: [
        { op: 'open', slot: 0, path: lab.path('layer'), kind: 'folder' },
        { op: 'symlink', slot: 0, path: 'out', target: lab.folder },
        { op: 'symlink', slot: 0, path: 'up', target: '../../../../..' },
        { op: 'mknod', slot: 0, path: 'fifo', type: 'fifo', mode: 0o600 },
      ],
    })
    const read = (path: string, maxBytes = 100): Promise<unknown> =>
      lab.native.run({
        outside: [
          { op: 'open', slot: 0, path: lab.path('layer'), kind: 'folder' },
          { op: 'readFile', slot: 0, path, maxBytes },
        ],
      })
    expect(await failing(read('out/victim'))).toMatchObject({ errno: 'ENOENT' })
    expect(await failing(read(`up${lab.folder}/victim`))).toMatchObject({ errno: 'ENOENT' })
    expect(await failing(read('fifo'))).toMatchObject({ errno: 'EINVAL' })
    expect(await failing(read('bin'))).toMatchObject({ errno: 'EINVAL' })
    expect(await failing(read('bin/busybox', 10))).toMatchObject({ errno: 'EFBIG' })
  })
})

test('a transaction of rules is taken however large it is', async () => {
  const targets = Array.from({ length: 4_000 }, (_, index) => ({
    address: `10.${index >> 8}.${index & 255}.0`,
    length: 24,
  }))
  const setup = egressOp({ targets, subnets: [], gateways: [], servers: [] })
  await createNative().run({ setup: [{ op: 'newNetns' }, ...setup] })
})

describe('a limit of open files', () => {
  /** The native binary under a soft and a hard limit, without the right to raise the latter. */
  const limited = (soft: number, hard: number): Native => {
    const path = lab.path(`native-${hard}`)
    const command = `setpriv --bounding-set -sys_resource --inh-caps -sys_resource ${resolve(findNative())}`
    writeFileSync(path, `#!/bin/sh\nulimit -Sn ${soft}; ulimit -Hn ${hard}\nexec /usr/bin/${command} "$@"\n`)
    chmodSync(path, 0o755)
    return createNative({ path })
  }
  const program: Program = { setup: [{ op: 'newNetns' }] }

  test('that is too low is raised, and the process has its own all the same', async () => {
    await limited(64, 300).run(program)
    const { exitCode } = await limited(64, 300).runForeground(
      lab.program({
        argv: ['sh', '-c', 'test $(ulimit -n) = 77'],
        inside: [{ op: 'rlimit', resource: 7, soft: 77n, hard: 77n }],
      }),
      { onOutput: () => undefined },
    )
    expect(exitCode).toBe(0)
  })

  test('that may not be raised is said', async () => {
    expect((await failing(limited(64, 64).run(program))).code).toBe('FD_LIMIT')
  })
})

test('a link in the way of one that is made is removed, and nothing else', async () => {
  const bridge = containerNetlink('make a bridge', createBridge({ name: 'tsc-way', index: 77 }))
  const made = (stale?: string): Promise<unknown> =>
    lab.native.run({
      setup: [
        { op: 'newNetns' },
        bridge,
        stale === undefined ? bridge : { ...bridge, stale: deleteLink(stale) },
      ],
    })
  await made('tsc-way')
  const exists = { code: 'NATIVE_FAILED', op: 'netlink', errno: 'EEXIST' }
  expect(await failing(made())).toEqual(exists)
  // What stands there is not what would be removed.
  expect(await failing(made('tsc-other'))).toEqual(exists)
})
