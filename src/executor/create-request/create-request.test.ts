import { describe, expect, it } from 'vitest'
import type { ContainerCreateRequest } from '../../api/types/index.ts'
import type { Diagnostic } from '../../diagnostics/index.ts'
import type { Service, ServiceExtension } from '../../model/index.ts'
import { type CreateContainer, LABEL } from '../../planner/index.ts'
import { makeProject, type ProjectSketch } from '../../planner/testing/projects.ts'
import { createRequest, injectedFiles } from './index.ts'

type Given = Partial<CreateContainer> & {
  readonly sketch?: Partial<ProjectSketch>
  readonly foreignEngine?: boolean
}

function translate(
  service: Partial<Service>,
  given: Given = {},
): { body: ContainerCreateRequest; codes: string[] } {
  const { sketch, foreignEngine = false, ...operation } = given
  const project = makeProject({ services: { web: service }, ...sketch })
  const warnings: Diagnostic[] = []
  const body = createRequest({
    operation: {
      service: project.model.services['web'] as Service,
      serviceName: 'web',
      labels: { a: 'b' },
      image: 'example/web',
      networks: [{ key: 'default', network: 'lamp_default', aliases: ['web'], links: [] }],
      parents: { volumes: [] },
      inheritedVolumes: [],
      ...operation,
    },
    project,
    imageDigest: 'sha256:1',
    idOf: ref => `id-of-${ref.name}`,
    readFile: path => (path === '/srv/lamp/seccomp.json' ? '{ "defaultAction": "SCMP_ACT_ALLOW" }' : '{'),
    foreignEngine,
    warn: diagnostic => warnings.push(diagnostic),
  })
  return { body, codes: warnings.map(({ path, code }) => `${code} ${path}`) }
}

/** A service's attributes, and what is expected of the request. */
type Case = [string, Partial<Service>, object]

const PROCESS: Case[] = [
  ['command', { command: ['a', 'b'] }, { Cmd: ['a', 'b'] }],
  ['entrypoint that clears', { entrypoint: [] }, { Entrypoint: [] }],
  ['environment', { environment: { B: '2', A: '', UNSET: null } }, { Env: ['A=', 'B=2', 'UNSET'] }],
  ['user, working_dir', { user: '1:2', working_dir: '/w' }, { User: '1:2', WorkingDir: '/w' }],
  ['hostname, domainname', { hostname: 'h', domainname: 'd' }, { Hostname: 'h', Domainname: 'd' }],
  ['tty, stdin_open', { tty: true, stdin_open: true }, { Tty: true, OpenStdin: true }],
  ['stop_signal', { stop_signal: 'SIGINT' }, { StopSignal: 'SIGINT' }],
  ['stop_grace_period, rounded up', { stop_grace_period: '1500ms' }, { StopTimeout: 2 }],
  [
    'healthcheck',
    {
      healthcheck: {
        test: ['CMD', 'x'],
        interval: '1s',
        timeout: '2s',
        retries: 3,
        start_period: '1m',
        start_interval: '500ms',
      },
    },
    {
      Healthcheck: {
        Test: ['CMD', 'x'],
        Interval: 1e9,
        Timeout: 2e9,
        Retries: 3,
        StartPeriod: 60e9,
        StartInterval: 5e8,
      },
    },
  ],
  ['healthcheck.disable', { healthcheck: { disable: true } }, { Healthcheck: { Test: ['NONE'] } }],
  [
    'expose',
    { expose: ['3000-3001', '53/udp'] },
    { ExposedPorts: { '3000/tcp': {}, '3001/tcp': {}, '53/udp': {} } },
  ],
]

const HOST: Case[] = [
  [
    'ports',
    {
      ports: [
        { target: 80, published: '8080', host_ip: '127.0.0.1', protocol: 'tcp' },
        { target: 80 },
        { target: 53, published: '50-60', protocol: 'udp' },
      ],
    },
    {
      PortBindings: {
        '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }, { HostPort: '' }],
        '53/udp': [{ HostPort: '50-60' }],
      },
    },
  ],
  ['restart', { restart: 'on-failure:3' }, { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } }],
  ['restart: unless-stopped', { restart: 'unless-stopped' }, { RestartPolicy: { Name: 'unless-stopped' } }],
  [
    'deploy.restart_policy over restart',
    { restart: 'always', deploy: { restart_policy: { condition: 'on-failure', max_attempts: 2 } } },
    { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
  ],
  [
    'deploy.restart_policy: any',
    { deploy: { restart_policy: { condition: 'any' } } },
    { RestartPolicy: { Name: 'always' } },
  ],
  [
    'deploy.restart_policy without condition',
    { restart: 'always', deploy: { restart_policy: {} } },
    { RestartPolicy: { Name: 'no' } },
  ],
  ['mem_limit, memswap_limit', { mem_limit: '64', memswap_limit: '-1' }, { Memory: 64, MemorySwap: -1 }],
  ['cpus', { cpus: 0.5 }, { NanoCpus: 5e8 }],
  ['cpu_period, cpu_quota', { cpu_period: 20_000, cpu_quota: 5000 }, { CpuPeriod: 20_000, CpuQuota: 5000 }],
  [
    'deploy.resources over limits',
    {
      mem_limit: '1',
      pids_limit: 1,
      deploy: { resources: { limits: { cpus: 2, memory: '64', pids: 5 }, reservations: { memory: '32' } } },
    },
    { NanoCpus: 2e9, Memory: 64, PidsLimit: 5, MemoryReservation: 32 },
  ],
  [
    'ulimits',
    { ulimits: { nproc: 5, nofile: { soft: 1, hard: 2 } } },
    {
      Ulimits: [
        { Name: 'nofile', Soft: 1, Hard: 2 },
        { Name: 'nproc', Soft: 5, Hard: 5 },
      ],
    },
  ],
  ['shm_size', { shm_size: '1024' }, { ShmSize: 1024 }],
  [
    'blkio_config',
    { blkio_config: { weight: 300, device_read_bps: [{ path: '/dev/sda', rate: '10' }] } },
    { BlkioWeight: 300, BlkioDeviceReadBps: [{ Path: '/dev/sda', Rate: 10 }] },
  ],
  [
    'devices',
    {
      devices: [
        { source: '/dev/a' },
        { source: '/dev/b', target: '/dev/c', permissions: 'r' },
        { source: 'vendor.com/class=x' },
      ],
    },
    {
      Devices: [
        { PathOnHost: '/dev/a', PathInContainer: '/dev/a', CgroupPermissions: 'rwm' },
        { PathOnHost: '/dev/b', PathInContainer: '/dev/c', CgroupPermissions: 'r' },
      ],
      DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['vendor.com/class=x'] }],
    },
  ],
  [
    'gpus',
    { gpus: [{ driver: 'nvidia' }] },
    { DeviceRequests: [{ Driver: 'nvidia', Count: -1, Capabilities: [['gpu']] }] },
  ],
  ['cap_add, cap_drop', { cap_add: ['A'], cap_drop: ['ALL'] }, { CapAdd: ['A'], CapDrop: ['ALL'] }],
  [
    'privileged, read_only',
    { privileged: true, read_only: true },
    { Privileged: true, ReadonlyRootfs: true },
  ],
  [
    'security_opt',
    { security_opt: ['no-new-privileges', 'label:disable'] },
    { SecurityOpt: ['no-new-privileges', 'label:disable'] },
  ],
  [
    'seccomp from a file',
    { security_opt: ['seccomp=seccomp.json'] },
    { SecurityOpt: ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'] },
  ],
  ['seccomp=unconfined', { security_opt: ['seccomp:unconfined'] }, { SecurityOpt: ['seccomp:unconfined'] }],
  [
    'systempaths=unconfined',
    { security_opt: ['systempaths=unconfined'] },
    { MaskedPaths: [], ReadonlyPaths: [] },
  ],
  ['sysctls, group_add', { sysctls: { a: '1' }, group_add: ['g'] }, { Sysctls: { a: '1' }, GroupAdd: ['g'] }],
  [
    'ipc, pid, uts, userns, cgroup',
    { ipc: 'host', pid: 'host', uts: 'host', userns_mode: 'host', cgroup: 'host' },
    { IpcMode: 'host', PidMode: 'host', UTSMode: 'host', UsernsMode: 'host', CgroupnsMode: 'host' },
  ],
  [
    'dns',
    { dns: ['1.1.1.1', ''], dns_search: ['x'], dns_opt: ['y'] },
    { Dns: ['1.1.1.1'], DnsSearch: ['x'], DnsOptions: ['y'] },
  ],
  ['extra_hosts', { extra_hosts: ['a=1.2.3.4', 'b=::1'] }, { ExtraHosts: ['a:1.2.3.4', 'b:::1'] }],
  [
    'logging',
    { logging: { driver: 'json-file', options: { 'max-size': '1m' } } },
    { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } } },
  ],
  ['init', { init: true }, { Init: true }],
  ['tmpfs', { tmpfs: ['/a', '/b:size=1m,mode=0700'] }, { Tmpfs: { '/a': '', '/b': 'size=1m,mode=0700' } }],
]

describe('the request to create a container', () => {
  it.each(PROCESS)('%s', (_name, service, expected) => {
    expect(translate(service).body).toMatchObject(expected)
  })

  it.each(HOST)('%s', (_name, service, expected) => {
    expect(translate(service).body.HostConfig).toMatchObject(expected)
  })

  it('says nothing of what the service does not mention', () => {
    expect(translate({}).body).toEqual({
      Image: 'example/web',
      AttachStdout: true,
      AttachStderr: true,
      Labels: { a: 'b', [LABEL.image]: 'sha256:1' },
      HostConfig: { NetworkMode: 'lamp_default' },
      NetworkingConfig: { EndpointsConfig: { lamp_default: { Aliases: ['web'] } } },
    })
  })
})

describe('networks', () => {
  const networks = [
    { key: 'front', network: 'lamp_front', aliases: ['web'], links: ['db:sql'] },
    { key: 'back', network: 'lamp_back', aliases: ['web', 'app'], links: [] },
  ]

  it('are all given at once, the first is the primary one', () => {
    const front = {
      priority: 1,
      ipv4_address: '10.0.0.2',
      gw_priority: 1,
      interface_name: 'eth7',
      driver_opts: { x: 'y' },
    }
    const { body } = translate(
      { networks: { front, back: null }, mac_address: '02:00:00:00:00:01' },
      { networks },
    )
    expect(body.HostConfig?.NetworkMode).toBe('lamp_front')
    expect(body.NetworkingConfig?.EndpointsConfig).toEqual({
      lamp_front: {
        Aliases: ['web'],
        Links: ['db:sql'],
        IPAMConfig: { IPv4Address: '10.0.0.2' },
        MacAddress: '02:00:00:00:00:01',
        DriverOpts: { x: 'y', 'com.docker.network.endpoint.ifname': 'eth7' },
        GwPriority: 1,
      },
      lamp_back: { Aliases: ['web', 'app'] },
    })
  })

  it.each(['host', 'none', 'container:other'])('are none with network_mode %s', network_mode => {
    const { body } = translate({ network_mode }, { networks: [] })
    expect(body.HostConfig?.NetworkMode).toBe(network_mode)
    expect(body.NetworkingConfig).toBeUndefined()
  })

  it('and other namespaces are those of another service by the id of its container', () => {
    const ref = { name: 'db', id: '1' }
    const parents = { network: ref, ipc: ref, pid: ref, volumes: [{ container: ref, mode: 'ro' }] }
    const service = {
      network_mode: 'service:db',
      ipc: 'service:db',
      pid: 'service:db',
      volumes_from: ['db:ro'],
    }
    expect(translate(service, { parents, networks: [] }).body.HostConfig).toMatchObject({
      NetworkMode: 'container:id-of-db',
      IpcMode: 'container:id-of-db',
      PidMode: 'container:id-of-db',
      VolumesFrom: ['id-of-db:ro'],
    })
  })
})

describe('mounts', () => {
  const mounts = (volumes: Service['volumes'], given: Given = {}) =>
    translate({ volumes: volumes ?? [] }, { sketch: { volumes: { data: {} } }, ...given }).body.HostConfig

  it('of folders that may be made are written in the old form, others in the new one', () => {
    const bind = { type: 'bind', source: '/a', target: '/x' } as const
    expect(
      mounts([{ ...bind, read_only: true, bind: { selinux: 'z', propagation: 'rslave' } }])?.Binds,
    ).toEqual(['/a:/x:ro,z,rslave'])
    expect(mounts([{ ...bind, bind: { create_host_path: false } }])).toMatchObject({
      Mounts: [{ Type: 'bind', Source: '/a', Target: '/x', BindOptions: {} }],
    })
    expect(mounts([{ ...bind, source: '/a:b' }])?.Mounts).toMatchObject([
      { Source: '/a:b', BindOptions: { CreateMountpoint: true } },
    ])
  })

  it('of volumes carry the name that the engine knows', () => {
    const volume = {
      type: 'volume',
      source: 'data',
      target: '/d',
      read_only: true,
      volume: { nocopy: true, subpath: 's' },
    } as const
    expect(mounts([volume])?.Mounts).toEqual([
      {
        Type: 'volume',
        Source: 'lamp_data',
        Target: '/d',
        ReadOnly: true,
        VolumeOptions: { NoCopy: true, Subpath: 's' },
      },
    ])
  })

  it('that are anonymous take over the volume of the container before', () => {
    const anonymous = { type: 'volume', target: '/d' } as const
    expect(mounts([anonymous])?.Mounts).toEqual([{ Type: 'volume', Target: '/d', VolumeOptions: {} }])
    const inheritedVolumes = [{ type: 'volume', name: 'abc', source: '', target: '/d' }]
    expect(mounts([anonymous], { inheritedVolumes })?.Mounts).toEqual([
      { Type: 'volume', Source: 'abc', Target: '/d' },
    ])
  })

  it('of tmpfs and images', () => {
    expect(mounts([{ type: 'tmpfs', target: '/t', tmpfs: { size: '10', mode: 0o700 } }])?.Mounts).toEqual([
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 10, Mode: 0o700 } },
    ])
    expect(
      mounts([{ type: 'image', source: 'data:1', target: '/i', image: { subpath: 's' } }])?.Mounts,
    ).toEqual([{ Type: 'image', Source: 'data:1', Target: '/i', ImageOptions: { Subpath: 's' } }])
  })
})

describe('secrets and configs', () => {
  const sketch = {
    services: {},
    secrets: {
      key: { name: 'key', file: '/srv/key' },
      env: { name: 'env', environment: 'E', content: 'hush' },
    },
    configs: { conf: { name: 'conf', content: 'text' } },
  }

  it('from files are bound read-only, and put in where they are to have another owner or mode', () => {
    const secrets = [{ source: 'key' }, { source: 'key', target: 'own', mode: '0400', uid: '7' }]
    const { body, codes } = translate({ secrets }, { sketch: { ...sketch, services: { web: { secrets } } } })
    expect(body.HostConfig?.Mounts).toEqual([
      { Type: 'bind', Source: '/srv/key', Target: '/run/secrets/key', ReadOnly: true, BindOptions: {} },
    ])
    expect(codes).toEqual([])
    const project = makeProject({ ...sketch, services: { web: { secrets } } })
    expect(injectedFiles(project, 'web', project.model.services['web'] as Service)).toEqual([
      {
        target: '/run/secrets/own',
        content: { file: '/srv/key' },
        owner: { uid: 7, gid: 0 },
        mode: 0o400,
      },
    ])
  })

  it('from elsewhere are put in, with owner and mode', () => {
    const web = {
      secrets: [{ source: 'env', target: 'x', uid: '7' }],
      configs: [{ source: 'conf', target: '/etc/c', mode: '0440' }],
    }
    const project = makeProject({ ...sketch, services: { web } })
    expect(injectedFiles(project, 'web', project.model.services['web'] as Service)).toEqual([
      { target: '/etc/c', content: 'text', mode: 0o440 },
      { target: '/run/secrets/x', content: 'hush', owner: { uid: 7, gid: 0 }, mode: 0o444 },
    ])
  })

  it.each([
    [{ name: 's' }, 'FILE_WITHOUT_CONTENT'],
    [{ name: 's', environment: 'GONE' }, 'FILE_WITHOUT_CONTENT'],
    [{ name: 's', external: true }, 'EXTERNAL_FILE_NOT_SUPPORTED'],
  ])('that can not be had are refused: %o', (secret, code) => {
    const project = makeProject({ services: { web: { secrets: [{ source: 's' }] } }, secrets: { s: secret } })
    const files = (): unknown => injectedFiles(project, 'web', project.model.services['web'] as Service)
    expect(files).toThrow(expect.objectContaining({ code }))
  })
})

describe('the owner of a config or secret', () => {
  const owned = (owner: object): unknown => {
    const project = makeProject({
      services: { web: { secrets: [{ source: 's', ...owner }] } },
      secrets: { s: { name: 's', environment: 'S', content: '' } },
    })
    return injectedFiles(project, 'web', project.model.services['web'] as Service)
  }

  it.each([
    { uid: 'web' },
    { gid: 'web' },
    { uid: '-1' },
    { uid: '7 ' },
    { gid: '4294967295' },
  ])('is a number: %o', owner => {
    expect(() => owned(owner)).toThrow(expect.objectContaining({ code: 'FILE_OWNER_INVALID' }))
  })

  it('may be any number, also of what is empty', () => {
    expect(owned({ uid: '3000000000' })).toEqual([
      { target: '/run/secrets/s', content: '', owner: { uid: 3_000_000_000, gid: 0 }, mode: 0o444 },
    ])
  })
})

describe('what can not be done', () => {
  it('is said', () => {
    const { codes } = translate({
      isolation: 'x',
      cpu_percent: 1,
      deploy: { placement: {}, rollback_config: {}, update_config: {} },
    })
    expect(codes).toEqual([
      'ATTRIBUTE_NOT_APPLIED services.web.cpu_percent',
      'ATTRIBUTE_NOT_APPLIED services.web.deploy.placement',
      'ATTRIBUTE_NOT_APPLIED services.web.deploy.rollback_config',
    ])
  })

  it.each<[string, ServiceExtension]>([
    ['bind_owner', { bind_owner: 'caller' }],
    ['egress', { egress: ['127.0.0.0/8'] }],
    ['host_access', { host_access: true }],
    ['probe', { probe: { tcp: '80' } }],
    ['publish', { publish: 'proxy' }],
    ['restart_unhealthy', { restart_unhealthy: true }],
  ])('by an engine that is not ours is said: %s', (name, extension) => {
    const service = { 'x-tscompose': extension }
    expect(translate(service).codes).toEqual([])
    const codes = [`ATTRIBUTE_NOT_APPLIED services.web.x-tscompose.${name}`]
    expect(translate(service, { foreignEngine: true })).toMatchObject({ codes })
  })

  it.each([
    ['seccomp=other.json', 'SECCOMP_PROFILE_INVALID'],
    ['nonsense', 'SECURITY_OPT_INVALID'],
  ])('is refused where security depends on it: %s', (option, code) => {
    expect(() => translate({ security_opt: [option] })).toThrow(expect.objectContaining({ code }))
  })
})

it('links without a network of its own go to the engine, which refuses them', () => {
  const links = ['db:sql']
  expect(translate({ network_mode: 'host', links }).body.HostConfig?.Links).toEqual(links)
  const parents = { network: { name: 'db' }, volumes: [] }
  expect(translate({ network_mode: 'service:db', links }, { parents }).body.HostConfig?.Links).toEqual(links)
  expect(translate({ links }).body.HostConfig?.Links).toBeUndefined()
})

it('links of the default bridge are asked for by the id of the other: its name may be another’s until the old one is gone', () => {
  const parents = { volumes: [], links: [{ container: { name: 'lamp-db-1', id: '1' }, alias: 'sql' }] }
  const { body } = translate({ network_mode: 'bridge', links: ['db:sql'] }, { parents, networks: [] })
  expect(body.HostConfig?.Links).toEqual(['id-of-lamp-db-1:sql'])
})

it('what is exposed and is no port is left out, and said', () => {
  const { body, codes } = translate({ expose: ['80', '90-91/udp', 'bogus', '70000', '90-80'] })
  expect(Object.keys(body.ExposedPorts ?? {})).toEqual(['80/tcp', '90/udp', '91/udp'])
  expect(codes).toEqual([2, 3, 4].map(index => `ATTRIBUTE_NOT_APPLIED services.web.expose[${index}]`))
})
