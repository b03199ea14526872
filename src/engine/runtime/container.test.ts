import { describe, expect, it } from 'vitest'
import { flatten, type InsideOp, type Op, type SetupOp } from '../../native/index.ts'
import type { Cgroups } from '../cgroup/index.ts'
import { compileContainer, compileIsolated } from './container.ts'
import { compileExec } from './exec.ts'
import type { Host } from './host.ts'
import { compileIdentity } from './namespaces.ts'
import type { NetworkNamespaceMode, RuntimeSpec } from './spec.ts'
import { codeOfThrown } from './thrown.test-support.ts'

const ID = 'a'.repeat(64)
const PRIVATE = { kind: 'private' } as const

function hostWith(version: 1 | 2): Host {
  const cgroups = {
    version,
    pathsOf: (id: string) => ({
      v1:
        version === 1
          ? { devices: `/cg/devices/${id}`, pids: `/cg/pids/${id}` }
          : ({} as Record<string, string>),
      unified: `/cg/unified/${id}`,
      oomCounter: `/cg/oom/${id}`,
    }),
  } as unknown as Cgroups
  return {
    architecture: 'x86_64',
    kernel: [6, 18],
    cgroups,
    fuse: true,
    ownClocks: true,
    capabilities: (1n << 41n) - 1n,
    rlimits: {},
    maskedPaths: ['/sys/block/vda/serial'],
    warnings: [],
  }
}

const host = hostWith(1)

function specWith(changes: Partial<RuntimeSpec> = {}): RuntimeSpec {
  return {
    id: ID,
    hostname: 'box',
    root: { layers: ['/l/top', '/l/base'], upper: '/c/upper', work: '/c/work' },
    mounts: [],
    etc: { hosts: '/c/hosts' },
    process: { argv: ['sh'], env: ['A=1'], cwd: '/srv', user: { uid: 0, gid: 0, groups: [0] } },
    namespaces: { pid: PRIVATE, net: PRIVATE, ipc: PRIVATE, uts: PRIVATE, cgroup: PRIVATE },
    security: {},
    network: { setup: [], supervise: [] },
    limits: {},
    supervision: {
      runFolder: '/run/c',
      socketPath: '/run/c/monitor.sock',
      statusPath: '/c/status',
      procFolder: '/run/proc',
      log: { path: '/c/log', maxSize: 10, maxFiles: 3 },
      restart: 'always',
    },
    ...changes,
  }
}

const inside = (changes: Partial<RuntimeSpec> = {}, on = host): readonly InsideOp[] =>
  compileContainer(specWith(changes), on).inside ?? []

/** Positions of the first operation of each kind, in the order asked. */
function positions(ops: readonly Op[], kinds: readonly string[]): number[] {
  return kinds.map(kind => ops.findIndex(op => op.op === kind))
}

describe('the program of a container', () => {
  it('must build the root, hide paths, then take rights away, the filter last', () => {
    const order = [
      'root',
      'moveMount',
      'bindReadonly',
      'mask',
      'pivotRoot',
      'hostname',
      'umask',
      'chdir',
      'rlimit',
      'user',
      'capabilities',
      'seccomp',
    ]
    const found = positions(inside(), order)
    expect(found).not.toContain(-1)
    expect(found).toEqual([...found].sort((a, b) => a - b))
    expect(inside().at(-1)?.op).toBe('seccomp')
  })

  it('must mask after the last mount, and make the root read-only after the last mount point', () => {
    const ops = inside({
      root: { layers: ['/l'], upper: '/c/upper', work: '/c/work', readonly: true },
      mounts: [{ kind: 'tmpfs', target: '/proc/cpuinfo' }],
    })
    const lastMount = ops.findLastIndex(op => ['mount', 'moveMount', 'mkdir'].includes(op.op))
    expect(ops.findIndex(op => op.op === 'mask')).toBeGreaterThan(lastMount)
    const readonly = ops.findIndex(op => op.op === 'setAttributes' && op.path === '/')
    expect(readonly).toBeGreaterThan(lastMount)
    expect(ops[readonly + 1]?.op).toBe('pivotRoot')
  })

  it('must give no_new_privs before the filter when asked', () => {
    const ops = inside({ security: { noNewPrivileges: true } })
    expect(ops.slice(-2).map(op => op.op)).toEqual(['noNewPrivs', 'seccomp'])
  })

  it('must open layers and the writable folders as mounts, never by path in overlay', () => {
    const { outside = [] } = compileContainer(specWith(), host)
    const overlay = outside.find(op => op.op === 'overlay')
    expect(overlay).toMatchObject({ lowerSlots: [expect.any(Number), expect.any(Number)] })
    expect(
      outside
        .filter(op => op.op === 'openTree')
        .map(op => op.path)
        .slice(0, 3),
    ).toEqual(['/l/top', '/l/base', '/c'])
    expect(JSON.stringify(overlay)).not.toContain('/')
  })

  it('must open them where they lie on kernels whose overlayfs refuses detached mounts', () => {
    const { outside = [] } = compileContainer(specWith(), { ...host, kernel: [6, 12] })
    const opened = outside.flatMap(op => (op.op === 'open' ? [op.path] : []))
    expect(opened).toEqual(expect.arrayContaining(['/l/top', '/l/base', '/c/upper', '/c/work']))
  })

  it('must use every slot once', () => {
    const { outside = [] } = compileContainer(
      specWith({
        mounts: [
          { kind: 'image', layers: ['/a', '/b'], subpath: 'x', target: '/i' },
          { kind: 'volume', source: '/v', subpath: 's', target: '/v' },
        ],
      }),
      host,
    )
    const filled = outside
      .filter(op => ['open', 'openTree', 'fsMount', 'overlay', 'openNamespace'].includes(op.op))
      .flatMap(op => ('slot' in op ? [op.slot] : []))
    expect(new Set(filled).size).toBe(filled.length)
    expect(Math.max(...filled)).toBeLessThan(128)
  })

  it('must be a program that the native side can encode', () => {
    expect(flatten(compileContainer(specWith(), host)).length).toBeGreaterThan(50)
  })

  it('must tell the monitor what to keep', () => {
    expect(compileContainer(specWith(), host).supervise?.[0]).toMatchObject({
      op: 'monitor',
      socket: '/run/c/monitor.sock',
      log: '/c/log',
      logMaxSize: 10,
      logMaxFiles: 3,
      restart: 'always',
      restartMax: 0,
      oomCounter: `/cg/oom/${ID}`,
      cgroupKill: `/cg/unified/${ID}/cgroup.kill`,
    })
  })
})

describe('namespaces', () => {
  it('must all be new by default, time included', () => {
    const program = compileContainer(specWith(), host)
    expect(program.setup).toEqual([{ op: 'newNetns' }])
    expect(program.outside).toContainEqual({ op: 'newTimens' })
    expect(program.launch).toMatchObject([
      { op: 'clone', newNamespaces: ['mnt', 'ipc', 'uts', 'pid', 'cgroup'], net: 'container' },
    ])
  })

  it('must leave the clocks to the host, for who sees its processes or where they are switched off', () => {
    const timeless = (changes: Partial<RuntimeSpec>, on = host) =>
      compileContainer(specWith(changes), on).outside?.filter(({ op }) => op === 'newTimens')
    expect(timeless({})).toHaveLength(1)
    expect(timeless({ namespaces: { ...specWith().namespaces, pid: { kind: 'host' } } })).toEqual([])
    expect(timeless({}, { ...host, ownClocks: false })).toEqual([])
  })

  it("must be joined by path, or be the host's", () => {
    const other = { kind: 'process', pid: 5, startTime: 7n } as const
    const namespaces = {
      pid: other,
      net: { kind: 'path', path: '/proc/4/fd/100' },
      ipc: { kind: 'host' },
      uts: { kind: 'host' },
      cgroup: PRIVATE,
    } as const
    const program = compileContainer(specWith({ namespaces }), host)
    // Whoever makes a proc is in its pid namespace: the other container has one already.
    const [proc] = program.outside?.filter(op => op.op === 'openTree' && op.path === '/proc') ?? []
    expect(program.outside).toContainEqual({
      op: 'openNamespace',
      slot: proc?.op === 'openTree' ? proc.namespaceSlot : undefined,
      ...{ pid: 5, startTime: 7n, kind: 'mnt' },
    })
    expect(program.inside).not.toContainEqual(expect.objectContaining({ op: 'mount', type: 'proc' }))
    expect(program.inside).toContainEqual(expect.objectContaining({ op: 'moveMount', target: '/proc' }))
    expect(program.setup).toEqual([{ op: 'openNetns', path: '/proc/4/fd/100' }])
    expect(program.outside).toContainEqual({
      op: 'openNamespace',
      slot: expect.any(Number),
      pid: 5,
      startTime: 7n,
      kind: 'pid',
    })
    // Who sees the processes of another reads when they began by the same clock.
    expect(program.outside).toContainEqual({ op: 'newTimens', pid: 5, startTime: 7n })
    expect(program.launch).toMatchObject([
      { newNamespaces: ['mnt', 'cgroup'], joinSlots: [expect.any(Number)] },
    ])
    const shared = { ...namespaces, ipc: other } as const
    const { outside = [] } = compileContainer(specWith({ namespaces: shared }), host)
    const tree = outside.find(op => op.op === 'openTree' && op.namespaceSlot !== undefined)
    expect(tree).toMatchObject({ path: '/dev/shm', namespaceSlot: expect.any(Number) })
    expect(outside).toContainEqual(expect.objectContaining({ op: 'openNamespace', pid: 5, kind: 'mnt' }))
    // Neither names nor sysctls of another are changed.
    expect(program.inside?.filter(op => op.op === 'hostname' || op.op === 'sysctl')).toEqual([])
  })

  it('must fill a network namespace of its own alone', () => {
    const up: SetupOp = { op: 'netlink', netns: 'container', purpose: 'lo up', bytes: Buffer.alloc(0) }
    const network = { setup: [up], supervise: [] }
    const setupWith = (net: NetworkNamespaceMode): unknown =>
      compileContainer(specWith({ network, namespaces: { ...specWith().namespaces, net } }), host).setup
    expect(setupWith(PRIVATE)).toEqual([{ op: 'newNetns' }, up])
    expect(setupWith({ kind: 'host' })).toEqual([])
    const held = { path: '/proc/5/fd/100', pid: 5, startTime: 7n }
    expect(setupWith({ kind: 'path', ...held })).toEqual([{ op: 'openNetns', ...held }])
  })

  it('must write what was asked for in the order in which it was, behind what interfaces have', () => {
    const own = 'net/ipv6/conf/eth1/disable_ipv6'
    const sysctls = { 'net.ipv6.conf.all.disable_ipv6': '0', 'net.ipv6.conf.eth1.disable_ipv6': '1' }
    const ops = compileIdentity(specWith({}).namespaces, { hostname: 'box' }, sysctls, [
      { key: own, value: '0', ignore: [2] },
      { key: 'net/ipv6/conf/eth1/accept_ra', value: '0', ignore: [2] },
    ])
    const written = ops.flatMap(op =>
      op.op === 'sysctl' && /disable/.test(op.key) ? [[op.key, op.value]] : [],
    )
    expect(written).toEqual(Object.entries(sysctls))
    // What was asked for is missed where it is not there, what interfaces have by themselves is not.
    expect(ops.flatMap(op => (op.op === 'sysctl' && op.ignore !== undefined ? [op.key] : []))).toEqual([
      'net.ipv6.conf.eth1.accept_ra',
    ])
  })

  it("must refuse sysctls of a shared namespace, and of the host's kernel", () => {
    const namespaces = {
      pid: PRIVATE,
      net: { kind: 'host' },
      ipc: PRIVATE,
      uts: PRIVATE,
      cgroup: PRIVATE,
    } as const
    const compile = (name: string) => () =>
      compileContainer(specWith({ namespaces, sysctls: { [name]: '1' } }), host)
    expect(codeOfThrown(compile('net.core.somaxconn'))).toBe('SYSCTL_NOT_NAMESPACED')
    expect(codeOfThrown(compile('kernel.core_pattern'))).toBe('SYSCTL_NOT_NAMESPACED')
    expect(codeOfThrown(compile('kernel.shmmax'))).toBeUndefined()
  })
})

const OOM_SCORE = { op: 'writeProc', file: 'oom_score_adj', value: '0', ignore: [13] }

describe('a user namespace', () => {
  const userNamespace = { path: '/proc/7/fd/20', pid: 7, startTime: 9n, first: 70_000 }
  const rlimits = [{ name: 'nofile', soft: 20, hard: 30 }]
  const spec = specWith({
    userNamespace,
    mounts: [
      { kind: 'bind', source: '/src', target: '/src' },
      { kind: 'tmpfs', target: '/t', uid: 5 },
      { kind: 'image', layers: ['/i/a', '/i/b'], target: '/image' },
    ],
    process: { argv: ['sh'], env: [], cwd: '/', user: { uid: 3, gid: 4, groups: [4] }, rlimits },
    sysctls: { 'kernel.domainname': 'example.org' },
  })
  const {
    supervise = [],
    setup = [],
    outside = [],
    launch = [],
    attend = [],
    inside = [],
  } = compileContainer(spec, host)
  const slot = setup.flatMap(op => (op.op === 'openUserns' ? [op.slot] : []))[0]

  it('must be opened before it owns the network and the process', () => {
    expect(setup).toEqual([
      { op: 'openUserns', slot, path: '/proc/7/fd/20', pid: 7, startTime: 9n },
      { op: 'newNetns', usernsSlot: slot },
    ])
    expect(launch).toMatchObject([{ op: 'clone', usernsSlot: slot }])
  })

  it('must have every tree of the host by its ids, and none but the overlay made as its root', () => {
    // Control groups are the kernel's, and their ids those of the host, however they are mounted.
    const trees = outside.filter(op => op.op === 'openTree').filter(op => op.group === undefined)
    expect(trees.map(tree => tree.usernsSlot)).toEqual(trees.map(() => slot))
    expect(trees.map(tree => tree.path)).toEqual(expect.arrayContaining(['/l/top', '/c', '/src', '/c/hosts']))
    const overlays = outside.filter(op => op.op === 'overlay')
    expect(overlays.map(each => [each.upperSlot === undefined, each.asUid, each.asGid])).toEqual([
      [false, 70_000, 70_000],
      [true, undefined, undefined],
    ])
  })

  it('must own its devices, and make its own tmpfs', () => {
    expect(outside.filter(op => op.op === 'mknod').map(({ uid, gid }) => [uid, gid])).toContainEqual([
      70_000, 70_000,
    ])
    // Shared memory too: who joins its ipc namespace with the host's users could not write it.
    expect(outside.filter(op => op.op === 'fsMount').map(op => op.options)).toEqual([
      expect.arrayContaining(['mode=0755', 'uid=70000', 'gid=70000']),
      expect.arrayContaining(['mode=1777', 'uid=70000', 'gid=70000']),
    ])
    expect(inside).toContainEqual(
      expect.objectContaining({
        op: 'mount',
        type: 'tmpfs',
        target: '/t',
        options: ['uid=5'],
        modeBelow: true,
      }),
    )
  })

  it('must be told from outside what it may not raise itself, and who reads its output', () => {
    expect(attend).toContainEqual({ op: 'allowLimit', resource: 7, hard: 30n })
    expect(supervise).toMatchObject([{ op: 'monitor', ownerUid: 70_003, ownerGid: 70_004 }])
    expect(inside).toContainEqual({ op: 'domainname', name: 'example.org' })
    expect(compileExec(spec, { pid: 1, startTime: 1n }, spec.process, host).attend).toContainEqual({
      op: 'allowLimit',
      resource: 7,
      hard: 30n,
    })
  })

  it('must not lay over what its root cannot open anyway', () => {
    const masks = (changes: Partial<RuntimeSpec>): string[] =>
      (compileContainer(specWith(changes), host).inside ?? []).flatMap(op =>
        op.op === 'mask' ? [op.path] : [],
      )
    expect(masks({})).toContain('/proc/kpagecount')
    expect(masks({ userNamespace })).not.toContain('/proc/kpagecount')
  })
})

describe('control groups', () => {
  it('must be entered at birth and by the process itself, with a device list on v1', () => {
    const program = compileContainer(specWith(), host)
    expect(program.launch).toMatchObject([{ cgroupSlot: 0 }])
    expect(program.attend).toEqual([OOM_SCORE])
    expect(program.groups).toEqual([
      { op: 'joinGroup', path: `/cg/devices/${ID}/tasks`, slot: 1 },
      { op: 'joinGroup', path: `/cg/pids/${ID}/tasks`, slot: 2 },
    ])
    expect(program.outside).toContainEqual({ op: 'open', slot: 1, path: `/cg/devices/${ID}`, kind: 'folder' })
    const writes = program.outside?.flatMap(op => (op.op === 'writeLines' ? [op] : [])) ?? []
    expect(writes).toMatchObject([
      { path: `/cg/devices/${ID}/devices.deny`, slot: 1, lines: ['a'] },
      { path: `/cg/devices/${ID}/devices.allow`, slot: 1, lines: expect.arrayContaining(['c 1:3 rwm']) },
    ])
    expect(program.outside?.some(op => op.op === 'deviceFilter')).toBe(false)
  })

  it('must be shown as binds of its own, and in another’s namespace as they are made there', () => {
    const shown = (cgroup: RuntimeSpec['namespaces']['cgroup']): unknown[] => {
      const { outside = [], inside: ops = [] } = compileContainer(
        specWith({ namespaces: { ...specWith().namespaces, cgroup } }),
        host,
      )
      return ops.flatMap((op): unknown[] => {
        if (op.op === 'mount' && op.type.startsWith('cgroup')) return [[op.type, op.target]]
        if (op.op !== 'moveMount' || !op.target.startsWith('/sys/fs/cgroup/')) return []
        const tree = outside.find(each => each.op === 'openTree' && each.slot === op.slot)
        return tree?.op === 'openTree' ? [[tree.group?.path, tree.attributes?.[0], op.target]] : []
      })
    }
    const own = ['devices', 'pids'].map(key => [`/cg/${key}/${ID}`, 'ro', `/sys/fs/cgroup/${key}`])
    expect(shown(PRIVATE)).toEqual([...own, [`/cg/unified/${ID}`, 'ro', '/sys/fs/cgroup/unified']])
    expect(shown({ kind: 'host' })).toEqual(own)
    expect(shown({ kind: 'process', pid: 1, startTime: 1n })).toEqual([
      ['cgroup', '/sys/fs/cgroup/devices'],
      ['cgroup', '/sys/fs/cgroup/pids'],
      ['cgroup2', '/sys/fs/cgroup/unified'],
    ])
  })

  it('must have a device program on v2', () => {
    const program = compileContainer(specWith(), hostWith(2))
    expect(program.attend).toEqual([OOM_SCORE])
    expect(program.outside).toContainEqual({
      op: 'deviceFilter',
      cgroupSlot: 0,
      program: expect.any(Uint8Array),
    })
    expect(program.launch).toMatchObject([{ cgroupSlot: 0 }])
  })
})

describe('a privileged container', () => {
  it('must have nothing masked, no filter, everything writable and all devices', () => {
    const program = compileContainer(specWith({ security: { privileged: true } }), host)
    const kinds = new Set(program.inside?.map(op => op.op))
    for (const kind of ['mask', 'bindReadonly', 'seccomp'] as const) expect(kinds).not.toContain(kind)
    expect(program.inside).toContainEqual(
      expect.objectContaining({ type: 'sysfs', attributes: ['nosuid', 'nodev', 'noexec'] }),
    )
    const writes = program.outside?.flatMap(op => (op.op === 'writeLines' ? op.lines : []))
    expect(writes).toEqual(['a'])
  })
})

describe('mount targets', () => {
  it.each([
    '/',
    '',
    'relative',
    '/a/../b',
    '/proc',
    '/proc/sys',
    '/proc/self/fd',
    '//',
    '/./',
  ])('must not be %j', target => {
    const compile = () => compileContainer(specWith({ mounts: [{ kind: 'tmpfs', target }] }), host)
    expect(codeOfThrown(compile)).toBe('MOUNT_TARGET_INVALID')
  })

  it('must be filled from the top down', () => {
    const mounts = ['/a/b/c', '/z', '/a'].map(target => ({ kind: 'tmpfs', target }) as const)
    const targets = inside({ mounts }).flatMap(op => (op.op === 'mount' ? [op.target] : []))
    expect(targets.slice(-3)).toEqual(['/z', '/a', '/a/b/c'])
  })
})

describe('other programs', () => {
  it('must hold exec to the rules of its container', () => {
    const spec = specWith({ security: { capDrop: ['ALL'] } })
    const process = { ...spec.process, argv: ['id'], user: { uid: 5, gid: 5, groups: [5] } }
    const program = compileExec(spec, { pid: 7, startTime: 99n }, process, host)
    expect(program.launch).toEqual([{ op: 'join', pid: 7, startTime: 99n, group: `/cg/unified/${ID}` }])
    expect(program.attend?.at(-1)).toEqual(OOM_SCORE)
    expect(program.groups).toEqual(
      ['devices', 'pids'].map(key => ({ op: 'joinGroup', path: `/cg/${key}/${ID}/tasks` })),
    )
    expect(program.inside).toContainEqual({
      op: 'capabilities',
      bounding: 0n,
      effective: 0n,
      permitted: 0n,
      inheritable: 0n,
      ambient: 0n,
    })
    expect(program.inside?.at(-1)?.op).toBe('seccomp')
    const privileged = compileExec(
      spec,
      { pid: 7, startTime: 99n },
      { ...process, user: spec.process.user, privileged: true },
      host,
    )
    expect(privileged.inside).toContainEqual(expect.objectContaining({ effective: host.capabilities }))
  })

  it("must isolate the builder's RUN like a container, without a monitor", () => {
    const { supervision: _, openStdin: __, ...rest } = specWith()
    const namespaces = { ...rest.namespaces, net: { kind: 'host' } as const }
    const program = compileIsolated({ ...rest, namespaces }, host)
    expect(program.supervise).toBeUndefined()
    expect(program.launch).toMatchObject([{ net: 'host' }])
    expect(program.inside?.at(-1)?.op).toBe('seccomp')
    // What it writes becomes a layer.
    expect(program.inside?.some(op => op.op === 'symlink' && !op.path.startsWith('/dev/'))).toBe(false)
  })

  it('must have a command', () => {
    const process = { ...specWith().process, argv: [] }
    expect(codeOfThrown(() => compileContainer(specWith({ process }), host))).toBe('COMMAND_INVALID')
  })
})
