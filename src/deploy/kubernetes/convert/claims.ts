import type { Volume } from '../../../model/index.ts'
import type { AccessMode, Claim } from '../objects/objects.ts'
import { type Context, compact, metadata } from './context.ts'
import type { PodGroup } from './groups.ts'
import { replicasOf, type WorkloadKind } from './kind.ts'
import { withoutKompose } from './kompose-labels.ts'
import { isLabelKey, namesFor } from './names.ts'
import { byteQuantity } from './quantities.ts'
import { namedVolumesOf, usersOf } from './volume-users.ts'

/** Bytes of a volume of which nothing says how large it is. */
const SIZE = String(2 ** 30)

/** A pod and what keeps it. */
export interface KindOfPod {
  readonly group: PodGroup
  readonly kind: WorkloadKind
}

/** Names of claims by the names of the volumes in the file. */
export function claimNames({ project }: Context): ReadonlyMap<string, string> {
  const volumes = Object.entries(project.model.volumes ?? {})
  const names = namesFor(volumes.map(([, { name }]) => name))
  return new Map(volumes.map(([key, { name }]) => [key, names.get(name) ?? name]))
}

/** A claim for each volume that a service has; what is external must be there. */
export function claimsOf(context: Context, pods: readonly KindOfPod[]): Claim[] {
  const names = claimNames(context)
  const all = pods.map(({ group }) => group)
  return Object.entries(context.project.model.volumes ?? {}).flatMap(([key, volume]) => {
    const name = names.get(key) ?? key
    const path = ['volumes', key]
    const groups = usersOf(all, key)
    if (groups.length === 0) return []
    if (volume.external === true) {
      context.notes.choose(path, `PersistentVolumeClaim ${name}`, 'it is external: it must be there')
      return []
    }
    warnOfDriver(context, key, volume)
    const annotations = Object.fromEntries(
      Object.entries(withoutKompose(context.notes, [...path, 'labels'], volume.labels ?? {})).filter(
        ([label]) => isLabelKey(label),
      ),
    )
    return [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: metadata(context, name, undefined, annotations),
        spec: compact({
          accessModes: [accessMode(context, pods, key, volume)],
          storageClassName: volume['x-tscompose-kubernetes']?.storage_class ?? context.options.storageClass,
          resources: { requests: { storage: sizeOf(context, key, name, volume) } },
        }),
      },
    ]
  })
}

function sizeOf(context: Context, key: string, name: string, volume: Volume): string {
  const own = byteQuantity(volume['x-tscompose-kubernetes']?.size ?? context.options.volumeSize)
  if (own === undefined)
    context.notes.choose(
      ['volumes', key],
      `PersistentVolumeClaim ${name}`,
      'Compose does not say how large it is: 1Gi, unless x-tscompose-kubernetes: {size: …} does',
    )
  return own ?? byteQuantity(SIZE) ?? ''
}

/** One pod alone mounts it as it likes; several, on several nodes perhaps, take a class that can be shared. */
function accessMode(context: Context, pods: readonly KindOfPod[], key: string, volume: Volume): AccessMode {
  const chosen = volume['x-tscompose-kubernetes']?.access_mode
  if (chosen !== undefined) return chosen
  const users = pods.filter(({ group }) => namedVolumesOf(group).some(use => use.volume === key))
  const isShared =
    users.length > 1 || users.some(({ group, kind }) => kind === 'DaemonSet' || replicasOf(group.owner) > 1)
  if (!isShared) return 'ReadWriteOnce'
  context.notes.warn(
    'KUBERNETES_VOLUME',
    ['volumes', key],
    `pods on several nodes mount "${key}" together: its storage class must allow ReadWriteMany`,
    'name one with x-tscompose-kubernetes: {storage_class: …}, or say access_mode: ReadWriteOnce where one node will do',
  )
  return 'ReadWriteMany'
}

function warnOfDriver(
  { notes }: Context,
  key: string,
  { driver = 'local', driver_opts: options = {} }: Volume,
): void {
  if (driver === 'local' && Object.keys(options).length === 0) return
  notes.warn(
    'KUBERNETES_VOLUME',
    ['volumes', key, driver === 'local' ? 'driver_opts' : 'driver'],
    `the driver of "${key}" and its options mean nothing in a cluster`,
    'name a class with x-tscompose-kubernetes: {storage_class: …}',
  )
}
