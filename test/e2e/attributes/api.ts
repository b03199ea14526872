import { text } from 'node:stream/consumers'
import { expect } from 'vitest'
import type { ContainerCreateRequest, ContainerInspect } from '../../../src/api/types/index.ts'
import type { Docker } from '../../../src/client/index.ts'
import { attributesOf, SERVICE } from '../../../src/model/attributes/index.ts'

/** Fields of `POST /containers/create` that a Compose file cannot say, in containers of their own. */
export interface ApiCase {
  /** Names as in the API; those of HostConfig without its name. */
  readonly shows: readonly string[]
  readonly body: ContainerCreateRequest
  /** Shell line in the container → what it prints. */
  readonly inside?: Readonly<Record<string, string | RegExp>>
  /** What the engine warns of. */
  readonly warns?: readonly string[]
  readonly check?: (docker: Docker, inspect: ContainerInspect) => void | Promise<void>
}

const volumeOf = ({ Mounts }: ContainerInspect, target: string): string | undefined =>
  Mounts.find(mount => mount.Destination === target)?.Name

export const API: readonly ApiCase[] = [
  {
    shows: [],
    body: { HostConfig: { NetworkMode: 'none', IpcMode: 'private' } },
    check: async (docker, { Id }) => {
      const joining = { Image: 'busybox', HostConfig: { NetworkMode: 'none', IpcMode: `container:${Id}` } }
      await expect(docker.createContainer(joining)).rejects.toMatchObject({ statusCode: 409 })
    },
  },
  {
    shows: [],
    body: { HostConfig: { NetworkMode: 'host' }, NetworkingConfig: { EndpointsConfig: { host: {} } } },
    check: async (docker, { Id, NetworkSettings: { Networks, Ports, SandboxKey } }) => {
      expect([Object.keys(Networks), Ports, SandboxKey]).toEqual([
        ['host'],
        {},
        expect.stringMatching(/ns\/net$/),
      ])
      const stats = await docker.getContainer(Id).stats({ stream: false, 'one-shot': true })
      expect(stats).not.toHaveProperty('networks')
      const addressed = { EndpointsConfig: { host: { IPAMConfig: { IPv4Address: '10.0.0.9' } } } }
      await expect(
        docker.createContainer({
          Image: 'busybox',
          HostConfig: { NetworkMode: 'host' },
          NetworkingConfig: addressed,
        }),
      ).rejects.toMatchObject({ statusCode: 400 })
    },
  },
  {
    shows: ['CpusetMems'],
    body: { HostConfig: { CpusetMems: '0' } },
    inside: {
      'cat /sys/fs/cgroup/cpuset/cpuset.mems 2>/dev/null || cat /sys/fs/cgroup/cpuset.mems': '0\n',
    },
  },
  {
    shows: ['PublishAllPorts'],
    body: {
      ExposedPorts: { '80/tcp': {}, '81/udp': {} },
      HostConfig: { PublishAllPorts: true, NetworkMode: 'bridge' },
    },
    check: (_, { NetworkSettings: { Ports } }) => {
      for (const port of ['80/tcp', '81/udp'])
        expect(Number(Ports[port]?.[0]?.HostPort)).toBeGreaterThan(1023)
    },
  },
  {
    shows: ['AutoRemove'],
    body: { HostConfig: { AutoRemove: true, NetworkMode: 'none' } },
    check: async (docker, { Id }) => {
      const gone = docker.getContainer(Id).wait({ condition: 'removed' })
      await docker.getContainer(Id).kill()
      await gone
      await expect(docker.getContainer(Id).inspect()).rejects.toMatchObject({ statusCode: 404 })
    },
  },
  {
    shows: ['ConsoleSize'],
    body: { Tty: true, HostConfig: { ConsoleSize: [31, 97], NetworkMode: 'none' } },
    inside: { 'stty size < /dev/pts/0': '31 97\n' },
  },
  {
    shows: ['StdinOnce', 'AttachStdin', 'AttachStdout', 'AttachStderr'],
    body: {
      Cmd: ['sh', '-c', 'cat; echo ended; exec sleep 1000'],
      OpenStdin: true,
      StdinOnce: true,
      HostConfig: { NetworkMode: 'none' },
    },
    check: async (docker, { Id }) => {
      const options = { stream: true, stdin: true, stdout: true, hijack: true } as const
      const stream = await docker.getContainer(Id).attach(options)
      const printed = text(stream)
      stream.end('typed\n')
      await docker.getContainer(Id).exec({ Cmd: ['true'] })
      const log = (): Promise<string> => docker.getContainer(Id).logs({ stdout: true }).then(String)
      await expect.poll(log, { timeout: 60_000 }).toContain('ended')
      await docker.getContainer(Id).kill()
      expect(await printed).toContain('typed\n')
    },
  },
  {
    shows: ['MaskedPaths', 'ReadonlyPaths'],
    body: {
      HostConfig: { MaskedPaths: ['/etc/passwd', '/root'], ReadonlyPaths: ['/tmp'], NetworkMode: 'none' },
    },
    inside: {
      'wc -c < /etc/passwd; touch /root/x /tmp/x 2>&1 | grep -c Read-only': '0\n2\n',
      'grep -c " /proc/" /proc/mounts': '0\n',
    },
  },
  {
    shows: ['Links'],
    body: { HostConfig: { NetworkMode: 'bridge' } },
    check: async (docker, { Name, NetworkSettings }) => {
      const other = await docker.createContainer({
        Image: 'busybox',
        Cmd: ['grep', 'zz', '/etc/hosts'],
        HostConfig: { NetworkMode: 'bridge', Links: [`${Name}:zz`] },
      })
      await other.start()
      await other.wait()
      const address = NetworkSettings.Networks['bridge']?.IPAddress
      expect(String(await other.logs({ stdout: true }))).toContain(`${address}\tzz`)
    },
  },
  {
    shows: ['Volumes', 'Binds'],
    body: {
      Volumes: { '/declared': {} },
      HostConfig: { Binds: ['/anonymous', 'attributes-api:/named:nocopy,ro'], NetworkMode: 'none' },
    },
    inside: {
      'touch /declared/x /anonymous/x && echo made; touch /named/x 2>&1 | grep -c Read-only': 'made\n1\n',
    },
    check: (_, inspect) => {
      expect(volumeOf(inspect, '/declared')).toMatch(/^[0-9a-f]{64}$/)
      expect(volumeOf(inspect, '/anonymous')).toMatch(/^[0-9a-f]{64}$/)
      expect(volumeOf(inspect, '/named')).toBe('attributes-api')
    },
  },
  {
    shows: ['Mounts'],
    body: {
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [
          {
            Type: 'tmpfs',
            Target: '/t',
            TmpfsOptions: { SizeBytes: 1 << 20, Options: [['exec'], ['uid', '33']] },
          },
          {
            Type: 'volume',
            Source: 'attributes-driven',
            Target: '/driven',
            VolumeOptions: {
              DriverConfig: { Name: 'local', Options: { type: 'none', device: '/usr', o: 'bind' } },
            },
          },
        ],
      },
    },
    inside: {
      'df -k /t | awk "END{print \\$2}"; stat -c %u /t; grep " /t " /proc/mounts | grep -c noexec; [ -d /driven/bin ] && echo driven':
        '1024\n33\n0\ndriven\n',
    },
  },
  {
    shows: ['KernelMemoryTCP', 'IOMaximumIOps', 'IOMaximumBandwidth', 'Cgroup', 'NetworkDisabled'],
    body: {
      NetworkDisabled: true,
      HostConfig: {
        KernelMemoryTCP: 1 << 24,
        IOMaximumIOps: 1,
        IOMaximumBandwidth: 1,
        Cgroup: 'x',
        NetworkMode: 'none',
      },
    },
    warns: ['KernelMemoryTCP', 'IOMaximumIOps', 'IOMaximumBandwidth', 'HostConfig.Cgroup', 'NetworkDisabled'],
  },
]

/** Fields that the tables do not show, and why. */
export const API_ELSEWHERE: Readonly<Record<string, string>> = {
  ArgsEscaped: 'belongs to Windows',
  BlkioWeightDevice: 'needs a kernel whose I/O scheduler has weights',
  CpuCount: 'belongs to Windows',
  CpuPercent: 'belongs to Windows',
  ContainerIDFile: 'is written by the client, and kept for inspect',
  Isolation: 'belongs to Windows',
  MacAddress: 'is said of an endpoint, but by old clients',
  OnBuild: 'is of images',
  Shell: 'is of images: it is how a Dockerfile says commands',
  TscomposeBudget: 'is of the whole project, see project/budget.test.ts',
  VolumeDriver: 'is local or refused, see create-parts.test.ts',
}

/** Fields that a Compose file says; the tables beside this one show them. */
export const SAID_BY_COMPOSE: readonly string[] = attributesOf(SERVICE)
  .flatMap(({ effect }) => effect?.sets ?? [])
  .map(field => field.replace(/^HostConfig\./, '').replace(/\..*/, ''))
  .filter(field => field !== 'EndpointsConfig')
