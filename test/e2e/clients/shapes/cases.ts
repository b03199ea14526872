/** A container by what differs from the plain one: body of a create. */
export interface ContainerCase {
  readonly name: string
  readonly body: Readonly<Record<string, unknown>>
}

const host = (name: string, HostConfig: Readonly<Record<string, unknown>>, body = {}): ContainerCase => ({
  name,
  body: { HostConfig, ...body },
})

/** What the others join, read from and link to; on the network `NETWORK`, with the volume `VOLUME`. */
export const FIRST = 'first'
export const NETWORK = 'shapes-front'
export const VOLUME = 'shapes-data'
export const IMAGE = 'shapes:1'

/** Containers that between them set every kind of field; the plain one is the first. */
export const CONTAINERS: readonly ContainerCase[] = [
  { name: 'plain', body: {} },
  {
    name: 'tty',
    body: { Tty: true, OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true },
  },
  { name: 'words', body: { Env: ['A=1', 'B='], Labels: { a: '1' }, Entrypoint: ['sleep'], Cmd: ['50'] } },
  {
    name: 'who',
    body: { User: '33:34', WorkingDir: '/tmp/new', Hostname: 'web', Domainname: 'example.test' },
  },
  { name: 'exposed', body: { ExposedPorts: { '80/tcp': {}, '53/udp': {} }, Volumes: { '/v': {} } } },
  { name: 'stop', body: { StopSignal: 'SIGINT', StopTimeout: 3, Shell: ['sh', '-c'] } },
  { name: 'health', body: { Healthcheck: { Test: ['CMD', 'true'], Interval: 200_000_000, Retries: 2 } } },
  { name: 'no-health', body: { Healthcheck: { Test: ['NONE'] } } },
  host('published', {
    PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }], '90/tcp': [{ HostPort: '0' }] },
  }),
  host('publish-all', { PublishAllPorts: true }, { ExposedPorts: { '80/tcp': {} } }),
  host('binds', { Binds: ['/tmp:/t', '/tmp:/ro:ro', `${VOLUME}:/v:nocopy`] }),
  host('mounts', {
    Mounts: [
      {
        Type: 'bind',
        Source: '/tmp',
        Target: '/b',
        ReadOnly: true,
        BindOptions: { Propagation: 'rprivate' },
      },
      { Type: 'volume', Source: VOLUME, Target: '/v', VolumeOptions: { NoCopy: true, Labels: { a: 'b' } } },
      { Type: 'volume', Target: '/anonymous' },
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 65536, Mode: 448 } },
    ],
  }),
  host('tmpfs', { Tmpfs: { '/t': 'size=64k', '/u': '' } }),
  host('volumes-from', { VolumesFrom: [`shapes-${FIRST}:ro`] }),
  host('readonly', { ReadonlyRootfs: true }),
  host('capabilities', { CapAdd: ['NET_ADMIN', 'CAP_SYS_TIME'], CapDrop: ['all'] }),
  host('privileged', { Privileged: true }),
  host('security', { SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'] }),
  host('memory', { Memory: 64 << 20, MemoryReservation: 32 << 20, MemorySwap: 128 << 20 }),
  host('memory-alone', { Memory: 64 << 20 }),
  host('cpu', { NanoCpus: 500_000_000, CpuShares: 512, CpusetCpus: '0', CpusetMems: '0' }),
  host('quota', { CpuPeriod: 50_000, CpuQuota: 25_000 }),
  host('pids', { PidsLimit: 100 }),
  host('no-pids-limit', { PidsLimit: -1, OomScoreAdj: 100 }),
  host('ulimits', { Ulimits: [{ Name: 'nofile', Soft: 100, Hard: 200 }] }),
  host('sysctls', { Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' }, ShmSize: 1 << 20 }),
  host('namespaces', { PidMode: 'host', IpcMode: 'host', UTSMode: 'host', CgroupnsMode: 'private' }),
  host('net-host', { NetworkMode: 'host' }),
  host('net-none', { NetworkMode: 'none' }),
  host('net-bridge', { NetworkMode: 'bridge' }),
  host('net-container', { NetworkMode: `container:shapes-${FIRST}` }),
  host(
    'net-custom',
    { NetworkMode: NETWORK, Links: [`shapes-${FIRST}:db`] },
    {
      NetworkingConfig: {
        EndpointsConfig: {
          [NETWORK]: {
            Aliases: ['web'],
            MacAddress: '02:42:ac:11:00:77',
            IPAMConfig: { IPv4Address: '10.213.17.77' },
          },
        },
      },
    },
  ),
  host(
    'net-two',
    { NetworkMode: NETWORK },
    { NetworkingConfig: { EndpointsConfig: { [NETWORK]: {}, bridge: {} } } },
  ),
  host('resolver', { Dns: ['192.0.2.1'], DnsSearch: ['example.test'], DnsOptions: ['ndots:1'] }),
  host('hosts', { ExtraHosts: ['a:192.0.2.7'], GroupAdd: ['50'], Init: true }),
  host('restart', { RestartPolicy: { Name: 'always' } }),
  host('on-failure', { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } }),
  host('auto-remove', { AutoRemove: true, ContainerIDFile: '/tmp/cid' }),
  host('no-log', { LogConfig: { Type: 'none' } }),
  host('local-log', { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } } }),
  host('device', {
    Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/mine', CgroupPermissions: 'r' }],
    DeviceCgroupRules: ['c 1:3 r'],
  }),
  host('annotations', { Annotations: { 'com.example.a': 'b' }, ConsoleSize: [20, 30] }),
  host('masked', { MaskedPaths: [], ReadonlyPaths: [] }),
  host('userns', { UsernsMode: 'host', Runtime: '', Isolation: 'default' }),
]
