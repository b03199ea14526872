import { PassThrough, Readable } from 'node:stream'
import type { Backend } from '../../../src/api/backend/backend.ts'
import type {
  AttachSession,
  ContainerCreateRequest,
  ContainerInspect,
  ContainerState,
  ContainerSummary,
  EndpointAnswer,
  EngineVersion,
  ExecInspect,
  InfoResponse,
  LogRecord,
  OutputFrame,
  ProgressMessage,
} from '../../../src/api/types/index.ts'
import { failure } from '../../../src/diagnostics/index.ts'

/** One call that reached the backend: the method, and its arguments but for signals. */
export interface Recorded {
  readonly method: string
  readonly args: readonly unknown[]
}

/** An engine in memory that notes what it is called with. It lives in tests alone: the server's routers are what it tests. */
export interface FakeBackend extends Backend {
  readonly calls: Recorded[]
  readonly signals: AbortSignal[]
  /** The next call of this method (`containers.start`) is answered so, or throws so. */
  answer(method: string, result: unknown): void
  /** It does this. */
  run(method: string, script: (...args: readonly unknown[]) => unknown): void
  fail(method: string, error: Error): void
}

const ID = 'c0ffee'.repeat(10).concat('c0ff')

/** Makes one with a container `web`, of the image `busybox`. */
export function fakeBackend(): FakeBackend {
  const calls: Recorded[] = []
  const signals: AbortSignal[] = []
  const scripted = new Map<string, (...args: readonly unknown[]) => unknown>()
  const noun = <T extends object>(name: string, methods: T): T =>
    new Proxy(methods, {
      get:
        (target, key) =>
        async (...args: unknown[]) => {
          const method = `${name}.${String(key)}`
          signals.push(...args.filter(arg => arg instanceof AbortSignal))
          calls.push({ method, args: args.filter(arg => !(arg instanceof AbortSignal)) })
          const script = scripted.get(method)
          if (script !== undefined) return script(...args)
          const original: unknown = Reflect.get(target, key)
          return typeof original === 'function' ? original(...args) : undefined
        },
    })
  return {
    calls,
    signals,
    answer: (method, result) => scripted.set(method, () => result),
    run: (method, script) => scripted.set(method, script),
    fail: (method, error) => scripted.set(method, () => Promise.reject(error)),
    containers: noun('containers', containers()),
    exec: noun('exec', exec()),
    images: noun('images', images()),
    imageArchives: noun('imageArchives', imageArchives()),
    build: noun('build', build()),
    networks: noun('networks', networks()),
    volumes: noun('volumes', volumes()),
    snapshots: noun('snapshots', {} as Backend['snapshots']),
    system: noun('system', system()),
  }
}

/** The failure that an engine throws for an unknown container. */
export function noSuchContainer(id: string): Error {
  return failure({
    code: 'CONTAINER_NOT_FOUND',
    kind: 'notFound',
    summary: `No such container: ${id}`,
    hint: 'ps',
  })
}

/** A session that echoes stdin to stdout, and ends when stdin does. */
export function echoSession(tty = false): AttachSession & { readonly closed: () => boolean } {
  const stdin = new PassThrough()
  let closed = false
  async function* output(): AsyncGenerator<OutputFrame> {
    yield { stream: 'stdout', bytes: Buffer.from('hello\n') }
    if (!tty) yield { stream: 'stderr', bytes: Buffer.from('careful\n') }
    for await (const bytes of stdin) yield { stream: 'stdout', bytes }
    yield { stream: 'stdout', bytes: Buffer.from('bye\n') }
  }
  const close = (): void => {
    closed = true
    stdin.destroy()
  }
  return { tty, stdin, output: output(), close, closed: () => closed }
}

/** The same without stdin: what the process reads there is at its end. */
function outputOf(session: AttachSession): AttachSession {
  session.stdin?.end()
  return { tty: session.tty, output: session.output, close: session.close }
}

/** An async iterable of values. */
export async function* from<T>(...values: readonly T[]): AsyncGenerator<T> {
  yield* values
}

const STATE: ContainerState = {
  Status: 'running',
  Running: true,
  Paused: false,
  Restarting: false,
  OOMKilled: false,
  Dead: false,
  Pid: 4711,
  ExitCode: 0,
  Error: '',
  StartedAt: '2026-11-22T02:00:00.123456789Z',
  FinishedAt: '0001-01-01T00:00:00Z',
}

const CONFIG: ContainerCreateRequest = {
  Image: 'busybox',
  Cmd: ['sleep', '9'],
  Labels: { tier: 'front' },
  Tty: false,
}

const ENDPOINT: EndpointAnswer = {
  ...{ IPAMConfig: null, Links: null, Aliases: null, MacAddress: '', DriverOpts: null, GwPriority: 0 },
  ...{ NetworkID: '', EndpointID: '', Gateway: '', IPAddress: '172.18.0.2', IPPrefixLen: 16 },
  ...{ IPv6Gateway: '', GlobalIPv6Address: '', GlobalIPv6PrefixLen: 0, DNSNames: null },
}

const SUMMARY: ContainerSummary = {
  Id: ID,
  Names: ['/web'],
  Image: 'busybox',
  ImageID: `sha256:${'ab'.repeat(32)}`,
  Command: 'sleep 9',
  Created: 1_795_312_800,
  Ports: [{ IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }],
  Labels: { tier: 'front' },
  State: 'running',
  Status: 'Up 3 minutes',
  HostConfig: { NetworkMode: 'front' },
  NetworkSettings: { Networks: { front: ENDPOINT } },
  Mounts: [],
}

const INSPECT: ContainerInspect = {
  Id: ID,
  Created: '2026-11-22T02:00:00Z',
  Path: 'sleep',
  Args: ['9'],
  State: STATE,
  Image: SUMMARY.ImageID,
  ResolvConfPath: '',
  HostnamePath: '',
  HostsPath: '',
  LogPath: '',
  Name: '/web',
  RestartCount: 0,
  Driver: 'overlay2',
  Platform: 'linux',
  MountLabel: '',
  ProcessLabel: '',
  AppArmorProfile: '',
  ExecIDs: null,
  HostConfig: { NetworkMode: 'front', LogConfig: { Type: 'json-file' } },
  GraphDriver: { Name: 'overlay2', Data: null },
  Mounts: [],
  Config: CONFIG,
  NetworkSettings: {
    ...{ Bridge: '', SandboxID: '', SandboxKey: '', Ports: {}, HairpinMode: false, Networks: {} },
    ...{ LinkLocalIPv6Address: '', LinkLocalIPv6PrefixLen: 0 },
    ...{ SecondaryIPAddresses: null, SecondaryIPv6Addresses: null },
    ...{ EndpointID: '', Gateway: '', IPAddress: '', IPPrefixLen: 0, IPv6Gateway: '', MacAddress: '' },
    ...{ GlobalIPv6Address: '', GlobalIPv6PrefixLen: 0 },
  },
}

async function* nothing(): AsyncGenerator<never> {}
const done = async (): Promise<void> => undefined

function containers(): Backend['containers'] {
  const known = (id: string): void => {
    if (id !== 'web' && !ID.startsWith(id)) throw noSuchContainer(id)
  }
  const records: readonly LogRecord[] = [
    { stream: 'stdout', bytes: Buffer.from('one\n'), time: '2026-11-22T02:00:00.000000001Z' },
    { stream: 'stderr', bytes: Buffer.from('two\n'), time: '2026-11-22T02:00:00.000000002Z' },
  ]
  const stat = { name: 'hosts', size: 3, mode: 0o644, mtime: '2026-11-22T02:00:00Z', linkTarget: '' }
  return {
    create: async () => ({ Id: ID, Warnings: ['one warning'] }),
    stayMaker: () => nothing(),
    idsOf: async () => [],
    list: async () => [SUMMARY],
    inspect: async id => known(id) ?? INSPECT,
    planned: async () => INSPECT,
    drift: async () => [],
    beingLookedAt: async () => undefined,
    start: async id => known(id),
    stop: async id => known(id) as undefined,
    restart: async id => known(id),
    kill: async id => known(id),
    pause: async id => known(id),
    unpause: async id => known(id),
    rename: async id => known(id),
    update: async () => ({ Warnings: [] }),
    repair: async () => undefined,
    relieve: async id => known(id),
    drain: async id => known(id),
    unlink: async () => undefined,
    remove: async id => known(id),
    wait: async () => ({ result: Promise.resolve({ StatusCode: 3 }) }),
    logs: async id => {
      known(id)
      return { tty: false, records: from(records) }
    },
    attach: async (_id, options) => (options.stdin ? echoSession() : outputOf(echoSession())),
    resize: async id => known(id),
    top: async () => ({ Titles: ['PID', 'CMD'], Processes: [['1', 'sleep 9']] }),
    statsOfAll: async () => [],
    dnsLog: async () => from(),
    refused: async () => [],
    stats: async () => from(),
    changes: async () => [],
    statPath: async () => stat,
    getArchive: async () => ({ stat, tar: Readable.from([Buffer.from('tar')]) }),
    putArchive: async (_id, _options, tar) => {
      for await (const _ of tar);
    },
    export: async () => Readable.from([Buffer.from('tar')]),
    prune: async () => ({ ContainersDeleted: [], SpaceReclaimed: 0 }),
  }
}

function exec(): Backend['exec'] {
  const inspect: ExecInspect = {
    ID: 'e1',
    Running: false,
    ExitCode: 0,
    ProcessConfig: { tty: false, entrypoint: 'cat', arguments: [] },
    OpenStdin: true,
    OpenStderr: true,
    OpenStdout: true,
    CanRemove: false,
    ContainerID: ID,
    DetachKeys: '',
    Pid: 0,
  }
  return {
    create: async () => ({ Id: 'e1' }),
    prepare: async (_id, { tty }) => ({ tty }),
    start: async (_id, options) => echoSession(options.tty),
    startDetached: async () => undefined,
    inspect: async () => inspect,
    resize: async () => undefined,
  }
}

function images(): Backend['images'] {
  const inspect = {
    Id: SUMMARY.ImageID,
    RepoTags: ['busybox:latest'],
    RepoDigests: [],
    ...{ Parent: '', Comment: '', DockerVersion: '', Author: '' },
    Config: CONFIG,
    Architecture: 'amd64',
    Os: 'linux',
    Size: 1,
    GraphDriver: { Name: 'overlay2', Data: null },
    RootFS: { Type: 'layers' as const, Layers: [] },
    Metadata: {},
  }
  const summary = { Id: inspect.Id, ParentId: '', RepoTags: ['busybox:latest'], RepoDigests: [] }
  const sizes = { Created: 1, Size: 1, SharedSize: -1, Labels: null, Containers: -1 }
  return {
    list: async () => [{ ...summary, ...sizes }],
    inspect: async () => inspect,
    history: async () => [],
    statPaths: async (_, paths) => paths.map(() => null),
    checkUser: async () => undefined,
    pull: async () => from<ProgressMessage>({ status: 'Pulling' }, { status: 'Done' }),
    push: async () => from<ProgressMessage>({ status: 'Pushing' }),
    distribution: async () => ({
      Descriptor: { mediaType: 'application/vnd.oci.image.index.v1+json', digest: 'sha256:00', size: 2 },
      Platforms: [{ architecture: 'amd64', os: 'linux' }],
    }),
    search: async () => [],
    logIn: async () => ({ Status: 'Login Succeeded', IdentityToken: '' }),
    tag: async () => undefined,
    remove: async () => [{ Untagged: 'busybox:latest' }],
    prune: async () => ({ ImagesDeleted: [], SpaceReclaimed: 0 }),
  }
}

function imageArchives(): Backend['imageArchives'] {
  return {
    load: async () => from<ProgressMessage>({ stream: 'Loaded image: busybox:latest\n' }),
    save: async () => ({ tar: Readable.from([Buffer.from('an archive')]), onSent: () => undefined }),
    import: async () => from<ProgressMessage>({ status: SUMMARY.ImageID }),
    commit: async () => ({ Id: SUMMARY.ImageID }),
  }
}

function build(): Backend['build'] {
  async function* run(context: Readable): AsyncGenerator<ProgressMessage> {
    let size = 0
    for await (const chunk of context) size += chunk.length
    yield { stream: `Step 1/1 : FROM scratch, ${size > 0 ? 'with' : 'without'} a context\n` }
    yield { aux: { ID: SUMMARY.ImageID } }
    yield { stream: `Successfully built ${SUMMARY.ImageID.slice(7, 19)}\n` }
  }
  const nothing = async (): Promise<void> => undefined
  return {
    records: { read: async () => [], find: async () => undefined, write: nothing, remove: nothing },
    build: async context => run(context),
    checkContext: async () => ({ missing: [] }),
    fillContext: async () => ({ missing: [] }),
    pruneCache: async () => ({ CachesDeleted: [], SpaceReclaimed: 0 }),
    solve: () => Promise.reject(new Error('no build is expected')),
    imageConfig: () => Promise.reject(new Error('no build is expected')),
    report: () => Promise.reject(new Error('no build is expected')),
  }
}

function networks(): Backend['networks'] {
  const front = {
    Name: 'front',
    Id: 'f1'.repeat(32),
    Created: '2026-11-22T02:00:00Z',
    Scope: 'local',
    Driver: 'bridge',
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {},
    Options: {},
    Labels: {},
  }
  return {
    create: async () => ({ Id: front.Id, Warning: '' }),
    list: async () => [front],
    inspect: async () => front,
    connect: async () => undefined,
    disconnect: async () => undefined,
    repair: async () => undefined,
    remove: async () => undefined,
    prune: async () => ({ NetworksDeleted: [] }),
  }
}

function volumes(): Backend['volumes'] {
  const data = {
    Name: 'data',
    Driver: 'local',
    Mountpoint: '/x',
    Labels: null,
    Scope: 'local' as const,
    Options: null,
  }
  return {
    create: async () => data,
    list: async () => ({ Volumes: [data], Warnings: null }),
    inspect: async () => data,
    remove: async () => undefined,
    prune: async () => ({ VolumesDeleted: [], SpaceReclaimed: 0 }),
  }
}

function system(): Backend['system'] {
  const version: EngineVersion = {
    ...{ Platform: { Name: 'tscompose' }, Components: [], Version: '0.1.0', GitCommit: '', GoVersion: '' },
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: '6.1',
  }
  return {
    version: async () => version,
    info: async () => ({ ID: 'fake', OSType: 'linux', Name: 'fake', ServerVersion: '0.1.0' }) as InfoResponse,
    events: async () => from(),
    untilRead: async () => true,
    stirs: () => from(),
    ...{ mend: done, tellNames: done, settled: done, namesTold: () => undefined },
    diskUsage: async () => ({ LayersSize: 0, Images: [], Containers: [], Volumes: [], BuildCache: [] }),
  }
}
