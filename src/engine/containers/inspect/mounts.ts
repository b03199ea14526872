import type { MountPoint } from '../../../api/types/index.ts'
import type { Container } from '../../state/container.ts'
import type { MountRecord } from '../../state/container-record.ts'

/** `Mounts` of an inspect and of a row; of the request's `Tmpfs` Docker says nothing there. */
export function renderMounts({ record: { mounts, hostConfig } }: Container): MountPoint[] {
  const { Mounts = [], Tmpfs = {} } = hostConfig
  return mounts
    .filter(({ type, destination }) => type !== 'tmpfs' || !Object.hasOwn(Tmpfs, destination))
    .map(mount => {
      const isLong = Mounts.some(({ Target }) => Target === mount.destination)
      // Docker's words for what was written in the long form: `z` for a volume, though no label is set, and none for a bind.
      const said = mount.type === 'volume' ? 'z' : mount.type === 'bind' ? '' : mount.mode
      return { ...renderMount(mount), ...(isLong ? { Mode: said } : {}) }
    })
}

function renderMount(mount: MountRecord): MountPoint {
  return {
    Type: mount.type,
    ...(mount.name === undefined ? {} : { Name: mount.name, Driver: 'local' }),
    Source: mount.source,
    Destination: mount.destination,
    Mode: mount.mode,
    RW: !mount.readonly,
    Propagation: mount.propagation ?? (mount.type === 'bind' ? 'rprivate' : ''),
  }
}
