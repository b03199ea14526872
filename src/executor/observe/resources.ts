import type { ImageInspect, NetworkInspect, VolumeInspect } from '../../api/types/index.ts'
import {
  LABEL,
  type ObservedImage,
  type ObservedNetwork,
  type ObservedVolume,
  readStoredSpec,
} from '../../planner/index.ts'
import { observedDrift } from './container.ts'

/** One network as the planner sees it. */
export function observedNetwork(network: NetworkInspect): ObservedNetwork {
  const labels = network.Labels ?? {}
  const spec = readStoredSpec(labels[LABEL.spec])
  return {
    id: network.Id,
    name: network.Name,
    key: labels[LABEL.network] ?? '',
    project: labels[LABEL.project] ?? '',
    driver: network.Driver,
    configHash: labels[LABEL.configHash] ?? '',
    ...(spec === undefined ? {} : { spec }),
    containers: Object.entries(network.Containers ?? {}).map(([id, { Name, IPv4Address, IPv6Address }]) => ({
      id,
      name: Name,
      addresses: [IPv4Address, IPv6Address].flatMap(each => each?.split('/')[0] || []),
    })),
    drift: observedDrift(network.TscomposeDrift).map(each =>
      // Other addresses take another network.
      each.path === 'subnet' ? { ...each, repair: 'recreate' } : each,
    ),
  }
}

/** One volume as the planner sees it. */
export function observedVolume(volume: VolumeInspect): ObservedVolume {
  const labels = volume.Labels ?? {}
  const spec = readStoredSpec(labels[LABEL.spec])
  return {
    name: volume.Name,
    key: labels[LABEL.volume] ?? '',
    project: labels[LABEL.project] ?? '',
    driver: volume.Driver,
    configHash: labels[LABEL.configHash] ?? '',
    ...(spec === undefined ? {} : { spec }),
    options: volume.Options ?? {},
  }
}

/** One image as the planner sees it. */
export function observedImage(image: ImageInspect): ObservedImage {
  const lastTagged = image.Metadata?.LastTagTime
  return {
    id: image.Id,
    digest: image.Id,
    volumes: Object.keys(image.Config?.Volumes ?? {}).sort(),
    ...(lastTagged === undefined ? {} : { lastTagged }),
    labels: image.Config?.Labels ?? {},
  }
}
