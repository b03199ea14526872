import { join } from 'node:path'
import type { ContainerInspect, ContainerInspectOptions } from '../../api/types/index.ts'
import { folderSize } from '../../native/index.ts'
import { observeContainer } from '../kernel/container.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { renderHostConfig, renderMount, renderNetworkSettings, renderState } from './render.ts'
import { updateDrift } from './update-drift.ts'

/** `GET /containers/{id}/json`, with what the kernel has otherwise than it should. */
export async function inspectContainer(
  engine: Pick<EngineContext, 'images' | 'native' | 'networks'>,
  container: Container,
  options: ContainerInspectOptions,
): Promise<ContainerInspect> {
  const { record, paths, terms } = container
  const [path = '', ...args] = record.argv
  const drift = [...updateDrift(record), ...observeContainer(engine, container)]
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: renderState(container),
    Image: record.imageId,
    ResolvConfPath: join(paths.etc, 'resolv.conf'),
    HostnamePath: join(paths.etc, 'hostname'),
    HostsPath: join(paths.etc, 'hosts'),
    LogPath: terms.log.kept === undefined ? '' : paths.log,
    Name: `/${record.name}`,
    RestartCount: record.state.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: container.execIds.size === 0 ? null : [...container.execIds],
    HostConfig: renderHostConfig(record.hostConfig, terms.log),
    GraphDriver: { Name: 'overlay2', Data: { UpperDir: paths.upper, WorkDir: paths.work } },
    ...(options.size ? await sizesOf(engine, container) : {}),
    Mounts: record.mounts.map(renderMount),
    Config: record.config,
    NetworkSettings: renderNetworkSettings(engine, container),
    ...(record.injected === undefined ? {} : { TscomposeInjected: record.injected }),
    ...(drift.length === 0 ? {} : { TscomposeDrift: drift }),
  }
}

/** Bytes of the writable layer, and with the image's. */
export async function sizesOf(
  engine: Pick<EngineContext, 'images'>,
  container: Container,
): Promise<{ readonly SizeRw: number; readonly SizeRootFs: number }> {
  const [own, image] = await Promise.all([
    folderSize(container.paths.upper),
    engine.images.resolve(container.record.imageId),
  ])
  return { SizeRw: own, SizeRootFs: own + (image?.size ?? 0) }
}
