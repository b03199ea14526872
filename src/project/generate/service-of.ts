import { relative } from 'node:path'
import type { ContainerInspect, ImageInspect } from '../../api/types/index.ts'
import { isAnonymousVolume } from '../../planner/project/names.ts'

/** What a container's image says by itself: of it nothing need be written. */
export type ImageDefaults = Partial<ImageInspect['Config']>

/** A service as a Compose file has it: plain data, in the order of people. */
export type WrittenService = Readonly<Record<string, unknown>>

/** The service that would make a container like this one, without what its image and Docker's defaults say. `folder`: what binds are written relative to. */
export function serviceOf(
  container: ContainerInspect,
  image: ImageDefaults,
  folder: string | undefined,
): WrittenService {
  const { Config, HostConfig } = container
  return written({
    image: Config.Image,
    ...processOf(Config, image),
    hostname: container.Id.startsWith(Config.Hostname ?? '') ? undefined : Config.Hostname,
    domainname: Config.Domainname,
    labels: labelsOf(Config.Labels, image.Labels),
    restart: restartOf(container),
    ports: portsOf(container),
    volumes: mountsOf(container, folder),
    tmpfs: Object.entries(HostConfig.Tmpfs ?? {}).map(([path, options]) =>
      options === '' ? path : `${path}:${options}`,
    ),
    ...networksOf(container),
    cap_add: HostConfig.CapAdd,
    cap_drop: HostConfig.CapDrop,
    dns: HostConfig.Dns,
    extra_hosts: HostConfig.ExtraHosts,
    group_add: HostConfig.GroupAdd,
    security_opt: HostConfig.SecurityOpt,
    sysctls: HostConfig.Sysctls,
    privileged: HostConfig.Privileged,
    read_only: HostConfig.ReadonlyRootfs,
    init: HostConfig.Init,
    mem_limit: HostConfig.Memory,
    cpus: HostConfig.NanoCpus && HostConfig.NanoCpus / 1e9,
    pids_limit: HostConfig.PidsLimit,
  })
}

function processOf(config: ContainerInspect['Config'], image: ImageDefaults): Record<string, unknown> {
  const entrypoint = unlessSame(config.Entrypoint, image.Entrypoint)
  return {
    entrypoint,
    // Another entrypoint takes the image's command away.
    command: entrypoint === undefined ? unlessSame(config.Cmd, image.Cmd) : config.Cmd,
    environment: Object.fromEntries(
      (config.Env ?? []).filter(entry => !image.Env?.includes(entry)).map(splitVariable),
    ),
    user: unlessSame(config.User, image.User),
    working_dir: unlessSame(config.WorkingDir, image.WorkingDir),
    tty: config.Tty,
    stdin_open: config.OpenStdin,
    stop_signal: unlessSame(config.StopSignal, image.StopSignal),
    stop_grace_period: typeof config.StopTimeout !== 'number' ? undefined : `${config.StopTimeout}s`,
    healthcheck: unlessSame(healthOf(config), healthOf(image)),
  }
}

/** A bare name removes the image's variable. */
function splitVariable(entry: string): [string, string | null] {
  const at = entry.indexOf('=')
  return at < 0 ? [entry, null] : [entry.slice(0, at), entry.slice(at + 1)]
}

function healthOf({ Healthcheck: check }: Pick<ImageDefaults, 'Healthcheck'>): object | undefined {
  if (check?.Test === undefined || check.Test.length === 0) return undefined
  const time = (nanoseconds: number | undefined): string | undefined =>
    nanoseconds ? `${nanoseconds / 1e6}ms` : undefined
  return written({
    test: check.Test,
    interval: time(check.Interval),
    timeout: time(check.Timeout),
    start_period: time(check.StartPeriod),
    start_interval: time(check.StartInterval),
    retries: check.Retries,
  })
}

function labelsOf(labels: ContainerInspect['Config']['Labels'], image: ImageDefaults['Labels']): object {
  const own = Object.entries(labels ?? {}).filter(
    ([name, value]) => !/^com\.(?:docker\.compose|tscompose)\./.test(name) && image?.[name] !== value,
  )
  return Object.fromEntries(own)
}

function restartOf({ HostConfig: { RestartPolicy } }: ContainerInspect): string | undefined {
  const { Name = '', MaximumRetryCount = 0 } = RestartPolicy ?? {}
  if (Name === '' || Name === 'no') return undefined
  return Name === 'on-failure' && MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name
}

function portsOf({ HostConfig }: ContainerInspect): object[] {
  return Object.entries(HostConfig.PortBindings ?? {}).flatMap(([key, bindings]) => {
    const [target, protocol] = key.split('/')
    return (bindings ?? []).map(({ HostIp, HostPort }) =>
      written({ host_ip: HostIp, target: Number(target), published: HostPort, protocol }),
    )
  })
}

function mountsOf({ Mounts }: ContainerInspect, folder: string | undefined): object[] {
  const kept = Mounts.filter(({ Type }) => Type === 'bind' || Type === 'volume')
  // Engines tell them in any order.
  const sorted = [...kept].sort((a, b) => (a.Destination < b.Destination ? -1 : 1))
  return sorted.map(mount => {
    const { Type: type, Name = '', Source, Destination: target, RW } = mount
    const named = isAnonymousVolume(Name) ? undefined : Name
    const source = type === 'volume' ? named : pathFrom(folder, Source)
    return written({ type, source, target, read_only: !RW })
  })
}

function pathFrom(folder: string | undefined, path: string): string {
  if (folder === undefined || !`${path}/`.startsWith(`${folder}/`)) return path
  return `./${relative(folder, path)}`
}

/** Networks by their names in the engine, with what others call the container there. */
function networksOf({ Id, Name, HostConfig, NetworkSettings, Config }: ContainerInspect): object {
  const mode = HostConfig.NetworkMode ?? ''
  if (/^(?:host|none|bridge|default|container:.*)$/.test(mode))
    return { network_mode: mode === 'default' ? 'bridge' : mode }
  const service = Config.Labels?.['com.docker.compose.service']
  const own = new Set([Name.slice(1), Id.slice(0, 12), service, Config.Hostname])
  const networks = Object.entries(NetworkSettings.Networks).map(([name, endpoint]) => {
    const aliases = (endpoint.Aliases ?? []).filter(alias => !own.has(alias))
    const { IPv4Address, IPv6Address } = endpoint.IPAMConfig ?? {}
    const attachment = written({ aliases, ipv4_address: IPv4Address, ipv6_address: IPv6Address })
    return [name, Object.keys(attachment).length === 0 ? null : attachment]
  })
  return { networks: Object.fromEntries(networks) }
}

function unlessSame<T>(value: T, other: T | null): T | undefined {
  return JSON.stringify(value ?? null) === JSON.stringify(other ?? null) ? undefined : value
}

/** What says something: neither nothing, nor off, nor empty. */
function written(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(fields).filter(
    ([, value]) =>
      value !== undefined &&
      value !== false &&
      value !== '' &&
      value !== 0 &&
      !(typeof value === 'object' && (value === null || Object.keys(value).length === 0)),
  )
  return Object.fromEntries(kept)
}
