import { join } from 'node:path'
import type { ContainerInspect, ContainerInspectOptions } from '../../../api/types/index.ts'
import { toldNamesOf } from '../../groups/host-names.ts'
import { linkTexts } from '../../groups/old-links.ts'
import { observeContainer } from '../../kernel/container.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import type { RunIds } from '../../state/user-namespaces.ts'
import { updateDrift } from '../update-drift.ts'
import { renderConfig } from './config.ts'
import { renderGraphDriver, sizesOf } from './graph-driver.ts'
import { renderHostConfig } from './host-config.ts'
import { renderMounts } from './mounts.ts'
import { renderNetworkSettings } from './network-settings.ts'
import { renderState } from './state.ts'

/** `GET /containers/{id}/json`, with what the kernel has otherwise than it should. */
export async function inspectContainer(
  engine: Pick<EngineContext, 'containers' | 'host' | 'images' | 'native' | 'networks'>,
  container: Container,
  options: ContainerInspectOptions,
): Promise<ContainerInspect> {
  const { record, paths, terms } = container
  const [path = '', ...args] = record.argv
  const drift = [...updateDrift(record), ...observeContainer(engine, container)]
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
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: record.state.apparmor ?? '',
    ExecIDs: container.execIds.size === 0 ? null : [...container.execIds],
    HostConfig: renderHostConfig(
      record.hostConfig,
      terms,
      engine.host,
      linkTexts(engine.containers, container),
    ),
    GraphDriver: await renderGraphDriver(engine, container),
    ...(options.size ? await sizesOf(engine, container) : {}),
    Mounts: renderMounts(container),
    Config: renderConfig(
      { ...record.config, ...toldNamesOf(engine.containers, container) },
      record.endpoints[0]?.wanted.macAddress,
    ),
    NetworkSettings: renderNetworkSettings(engine, container),
    ...renderIds(record.state.ids),
    ...(record.injected === undefined ? {} : { TscomposeInjected: record.injected }),
    ...(drift.length === 0 ? {} : { TscomposeDrift: drift }),
  }
}

function renderIds(ids: RunIds | undefined): Pick<ContainerInspect, 'TscomposeIds'> {
  if (ids === undefined) return {}
  return { TscomposeIds: 'first' in ids ? { First: ids.first } : { Reason: ids.reason } }
}
