import type { Drift as ApiDrift, EndpointAnswer, PlannedContainer, PortMap } from '../../api/types/index.ts'
import { hasOwnNetwork } from '../../model/index.ts'
import { parseSwitch } from '../../notation/index.ts'
import {
  type AppliedExtension,
  type Drift,
  type EndpointTerms,
  LABEL,
  type ObservedContainer,
  type ObservedPort,
  readSealedSecrets,
  readStoredSpec,
  SECRETS_KEY,
  type SealedSecrets,
  wholeBudget,
} from '../../planner/index.ts'
import { placesByField } from '../engine-fields.ts'

/** One container as the planner sees it; `ours`: our own engine was asked, as such. */
export function observedContainer(inspect: PlannedContainer, ours: boolean): ObservedContainer {
  const labels = inspect.Config.Labels ?? {}
  const health = inspect.State.Health?.Status
  const spec = readStoredSpec(labels[LABEL.spec])
  const sealed = sealedSecretsOf(inspect)
  return {
    id: inspect.Id,
    name: inspect.Name.replace(/^\//, ''),
    service: labels[LABEL.service] ?? '',
    number: numberOf(labels[LABEL.number]),
    oneOff: parseSwitch(labels[LABEL.oneOff]) === true,
    ...(inspect.HostConfig.AutoRemove === true ? { autoRemove: true } : {}),
    hook: labels[LABEL.hook] !== undefined,
    state: inspect.State.Status,
    ...(health === undefined || health === 'none' ? {} : { health }),
    exitCode: inspect.State.ExitCode,
    labels,
    configHash: labels[LABEL.configHash] ?? '',
    ...(spec === undefined ? {} : { spec }),
    environment: environmentOf(inspect.Config.Env),
    ...(sealed === undefined ? {} : { sealed }),
    imageDigest: labels[LABEL.image] ?? inspect.Image,
    networks: Object.entries(inspect.NetworkSettings.Networks ?? {}).map(([name, endpoint]) => ({
      name,
      id: endpoint.NetworkID ?? '',
      addresses: [endpoint.IPAddress, endpoint.GlobalIPv6Address].flatMap(each => each || []),
      ...(ours ? { terms: termsOf(endpoint) } : {}),
    })),
    ports: portsOf(inspect.NetworkSettings.Ports),
    ...bindingsOf(inspect),
    mounts: (inspect.Mounts ?? []).map(mount => ({
      type: mount.Type,
      name: mount.Name ?? '',
      source: mount.Source,
      target: mount.Destination,
    })),
    parents: parentsOf(inspect),
    ...(inspect.HostConfig.Links?.length ? { oldLinks: inspect.HostConfig.Links.map(oldLinkOf) } : {}),
    ...(inspect.TscomposeStaysInNetwork === true ? { staysInNetwork: true } : {}),
    ...(inspect.TscomposeRelief === undefined ? {} : { relief: inspect.TscomposeRelief }),
    ...(inspect.TscomposeAdapts === undefined ? {} : { adapts: inspect.TscomposeAdapts }),
    ...(inspect.TscomposeFixed === undefined ? {} : { fixed: inspect.TscomposeFixed }),
    ...(inspect.TscomposeMended === true ? { mended: true } : {}),
    ...(ours ? { extensions: extensionsOf(inspect) } : {}),
    drift: (inspect.TscomposeDrift ?? []).map(each => containerDrift(each, inspect.TscomposeAdapts ?? [])),
    ...(inspect.HostConfig.TscomposeBudget
      ? { budget: wholeBudget(inspect.HostConfig.TscomposeBudget) }
      : {}),
  }
}

/** What it was asked for; of one that runs the MAC address is the one that it has. */
function termsOf({ Aliases, Links, IPAMConfig, DriverOpts, ...rest }: EndpointAnswer): EndpointTerms {
  return {
    aliases: Aliases ?? [],
    links: Links ?? [],
    driver_opts: DriverOpts ?? {},
    link_local_ips: IPAMConfig?.LinkLocalIPs ?? [],
    ipv4_address: IPAMConfig?.IPv4Address ?? '',
    ipv6_address: IPAMConfig?.IPv6Address ?? '',
    mac_address: rest.MacAddress ?? '',
    gw_priority: rest.GwPriority ?? 0,
  }
}

/** What of `x-tscompose` the engine was asked for. */
function extensionsOf({ HostConfig, Config }: PlannedContainer): AppliedExtension[] {
  const applied: Readonly<Record<AppliedExtension, boolean>> = {
    egress: Boolean(HostConfig.TscomposeEgress),
    host_access: HostConfig.TscomposeHostAccess === true,
    probe: Config.Healthcheck?.Test?.[0] === 'PROBE',
    publish: HostConfig.TscomposePublish === 'proxy',
    sleep: Boolean(HostConfig.TscomposeSleep),
  }
  return (Object.keys(applied) as AppliedExtension[]).filter(name => applied[name])
}

/** Those of its ports that are ports of the host: `80/tcp` → where. */
function portsOf(ports: PortMap | null | undefined): ObservedPort[] {
  return Object.entries(ports ?? {}).flatMap(([port, bindings]) =>
    (bindings ?? []).flatMap(({ HostIp = '', HostPort = '' }) =>
      HostPort === ''
        ? []
        : [{ hostIp: HostIp, number: Number(HostPort), protocol: port.split('/')[1] ?? 'tcp' }],
    ),
  )
}

/** Without a network of its own nothing is published, whatever was asked for. */
function bindingsOf({ HostConfig }: PlannedContainer): Pick<ObservedContainer, 'bindings'> {
  const bindings = HostConfig.PortBindings ?? {}
  return Object.keys(bindings).length > 0 &&
    hasOwnNetwork({ network_mode: HostConfig.NetworkMode || 'bridge' })
    ? { bindings }
    : {}
}

/** Digests of its secret values, of contents those that it was given last; undefined without any, or without their key. */
export function sealedSecretsOf({
  Config,
  HostConfig,
  TscomposeInjected,
}: Pick<PlannedContainer, 'Config' | 'HostConfig' | 'TscomposeInjected'>): SealedSecrets | undefined {
  return readSealedSecrets(
    Config.Labels?.[LABEL.secrets],
    HostConfig.Annotations?.[SECRETS_KEY],
    TscomposeInjected,
  )
}

const HOST_CONFIG = 'HostConfig.'

/**
 * What an update changed is told by the attribute that has it. One that the container was made without can be taken back by a
 * new container alone where the engine does not lift it: an update of Docker's leaves what it gives no value for.
 */
function containerDrift(drift: ApiDrift, adapts: readonly string[]): Drift {
  const { Path, Want, Got } = drift
  if (!Path.startsWith(HOST_CONFIG)) return driftOf(drift)
  const [place] = placesByField().get(Path) ?? []
  return {
    path: place?.join('.') ?? Path,
    want: Want,
    got: Got,
    repair: Want === '' && !adapts.includes(Path) ? 'recreate' : 'update',
    field: Path.slice(HOST_CONFIG.length),
  }
}

/** Drift as our engine reports it; other engines report none. */
export function observedDrift(drift: readonly ApiDrift[] | undefined): Drift[] {
  return (drift ?? []).map(driftOf)
}

function driftOf({ Path, Want, Got, Repair }: ApiDrift): Drift {
  return { path: Path, want: Want, got: Got, ...(Repair === undefined ? {} : { repair: Repair }) }
}

/** Ids of the containers whose namespaces and volumes it uses: the engine keeps them as they were given at creation. */
function parentsOf({ HostConfig }: PlannedContainer): string[] {
  const modes = [HostConfig.NetworkMode, HostConfig.IpcMode, HostConfig.PidMode, HostConfig.UTSMode]
  const shared = modes.flatMap(mode =>
    mode?.startsWith('container:') === true ? [mode.slice('container:'.length)] : [],
  )
  const volumes = (HostConfig.VolumesFrom ?? []).map(entry => entry.split(':')[0] ?? '')
  return [...new Set([...shared, ...volumes])]
}

/** `container:alias` of `/container:/own-name/alias`. */
function oldLinkOf(text: string): string {
  const [container = '', path = ''] = text.split(':')
  return `${container.replace(/^\//, '')}:${path.slice(path.lastIndexOf('/') + 1)}`
}

/** `NAME=value`, the value with whatever `=` is in it. */
function environmentOf(list: readonly string[] | null | undefined): Record<string, string> {
  return Object.fromEntries(
    (list ?? []).map((line): [string, string] => {
      const end = line.indexOf('=')
      return end < 0 ? [line, ''] : [line.slice(0, end), line.slice(end + 1)]
    }),
  )
}

function numberOf(label: string | undefined): number {
  const number = Number(label ?? '0')
  return Number.isSafeInteger(number) && number > 0 ? number : 0
}
