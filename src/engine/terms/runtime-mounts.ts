import type { Propagation, RuntimeMount } from '../runtime/index.ts'
import type { MountRequest } from './mount-request.ts'

/** A mount that is decided, or asked for: what both say of it. */
type Mounted = Omit<MountRequest, 'weak' | 'volumeLabels' | 'volumeOptions'>

/** A mount in the runtime's words. `layers` are those of the image that it mounts. */
export function runtimeMount(mount: Mounted, layers: readonly string[]): RuntimeMount {
  const target = mount.destination
  const subpath = mount.subpath === undefined ? {} : { subpath: mount.subpath }
  switch (mount.type) {
    case 'tmpfs':
      return { kind: 'tmpfs', target, readonly: mount.readonly, ...mount.tmpfs }
    case 'image':
      return { kind: 'image', target, layers, ...subpath }
    case 'bind':
    case 'volume':
      return {
        kind: mount.type,
        source: mount.source,
        target,
        readonly: mount.readonly,
        recursive: mount.recursive !== false,
        propagation: propagationOf(mount),
        ...(mount.writableBelow === true ? { writableBelow: true } : {}),
        ...subpath,
      }
  }
}

/** Whether mounts made below are told to the other side; the recursive forms are what all binds are here. */
export function propagationOf(mount: Pick<MountRequest, 'propagation'>): Propagation {
  const word = mount.propagation?.replace(/^r(?=private|slave|shared)/, '')
  return word === 'shared' || word === 'slave' ? word : 'private'
}
