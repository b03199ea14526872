import { join } from 'node:path'
import type {
  ContainerConfig,
  ContainerInspect,
  ContainerInspectOptions,
  HostConfig,
  Told,
} from '../../../api/types/index.ts'
import { toldNamesOf } from '../../groups/host-names.ts'
import { linkTexts } from '../../groups/old-links.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { KeptPart } from '../../state/kept-part.ts'
import { renderConfig } from './config.ts'
import { renderGraphDriver, sizesOf } from './graph-driver.ts'
import { renderHostConfig } from './host-config.ts'
import { renderIds, renderMended } from './ids.ts'
import { renderMounts } from './mounts.ts'
import { renderNetworkSettings } from './network-settings.ts'
import { toldToPlans } from './planned.ts'
import { renderState } from './state.ts'

/** `GET /containers/{id}/json`, where it is asked for with what the kernel has otherwise than it should. */
export async function inspectContainer(
  engine: EngineContext,
  container: Container,
  options: ContainerInspectOptions,
): Promise<ContainerInspect> {
  const { record, paths, terms } = container
  const [path = '', ...args] = record.argv
  const told = options.drift ? await toldToPlans(engine, container) : {}
  // They are made for the first start.
  const made = (path: string): string => (record.state.startedAt === undefined ? '' : path)
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: renderState(container),
    Image: record.imageId,
    ResolvConfPath: made(join(paths.etc, 'resolv.conf')),
    HostnamePath: made(join(paths.etc, 'hostname')),
    HostsPath: made(join(paths.etc, 'hosts')),
    LogPath: terms.log.kept === undefined ? '' : made(paths.log),
    Name: `/${record.name}`,
    RestartCount: record.state.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: record.labels?.mount ?? '',
    ProcessLabel: record.labels?.process ?? '',
    AppArmorProfile: record.state.apparmor ?? '',
    ExecIDs: container.execIds.size === 0 ? null : [...container.execIds],
    HostConfig: hostConfigOf(engine, container),
    GraphDriver: await renderGraphDriver(engine, container),
    ...(options.size ? await sizesOf(engine, container) : {}),
    Mounts: renderMounts(container),
    Config: configOf(engine, container),
    NetworkSettings: renderNetworkSettings(engine, container),
    ...renderIds(container),
    ...renderMended(container),
    ...(record.injected === undefined ? {} : { TscomposeInjected: record.injected }),
    ...told,
  }
}

const configs = new KeptPart<Container, Told<ContainerConfig>>()
const hostConfigs = new KeptPart<Container, Told<HostConfig>>()

function configOf(engine: Pick<EngineContext, 'containers'>, container: Container): Told<ContainerConfig> {
  const { config, endpoints } = container.record
  const names = toldNamesOf(engine.containers, container)
  const macAddress = endpoints[0]?.wanted.macAddress
  return configs.of(container, [config, names.Hostname, names.Domainname, macAddress], () =>
    renderConfig({ ...config, ...names }, macAddress),
  )
}

function hostConfigOf(
  engine: Pick<EngineContext, 'containers' | 'host'>,
  container: Container,
): Told<HostConfig> {
  const { terms, record } = container
  const links = linkTexts(engine.containers, container)
  return hostConfigs.of(container, [record.hostConfig, terms, ...links], () =>
    renderHostConfig(record.hostConfig, terms, engine.host, links),
  )
}
