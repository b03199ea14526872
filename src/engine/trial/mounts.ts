import type { HostConfig } from '../../api/types/index.ts'
import type { Diagnostic } from '../../diagnostics/index.ts'
import type { MountRequest } from '../terms/mount-request.ts'
import { mountsTerm } from '../terms/mounts.ts'
import { Problems } from '../terms/problems.ts'

/** What a mount can be, and can be mounted on. */
export type MountKind = 'file' | 'folder'

/** Folders that each container has from the kernel, whatever its image has there. */
const OF_THE_KERNEL = ['/dev', '/proc', '/sys']

/**
 * A container's mounts whose places are its image's own, which tells what they would lie on: none below another mount or of
 * unknown kind, and none where mounts of other containers may come between. `kindOfSource` is asked of binds.
 */
export function triedMounts(
  host: HostConfig,
  kindOfSource: (path: string) => MountKind | undefined,
): readonly { readonly destination: string; readonly kind: MountKind }[] {
  if ((host.VolumesFrom ?? []).length > 0) return []
  const own = readMounts(host)
  const covered = [...OF_THE_KERNEL, ...own.map(({ destination }) => destination)]
  return own.flatMap(mount => {
    const { destination } = mount
    if (covered.some(folder => destination.startsWith(`${folder}/`))) return []
    const kind = kindOf(mount, kindOfSource)
    return kind === undefined ? [] : [{ destination, kind }]
  })
}

/** What is wrong with the mounts as such is told by others. */
function readMounts(host: HostConfig): readonly MountRequest[] {
  let own: readonly MountRequest[] = []
  new Problems().collect('HostConfig.Mounts', () => {
    own = mountsTerm.read(host).own
  })
  return own
}

function kindOf(
  { type, source, subpath, createSource }: MountRequest,
  kindOfSource: (path: string) => MountKind | undefined,
): MountKind | undefined {
  if (subpath !== undefined || type === 'image') return undefined
  if (type !== 'bind') return 'folder'
  return kindOfSource(source) ?? (createSource === true ? 'folder' : undefined)
}

/** What the start of a container would refuse of a mount that lies on what its image has there; undefined: nothing. MOUNT_KIND. */
export function refusedMount(
  { destination, kind }: { readonly destination: string; readonly kind: MountKind },
  image: MountKind,
): Diagnostic | undefined {
  if (kind === image) return undefined
  return {
    severity: 'error',
    code: 'MOUNT_KIND',
    path: 'HostConfig.Mounts',
    summary: `a ${kind} cannot be mounted on "${destination}", which is a ${image} in the image`,
    hint: 'a file can be mounted on a file alone, and a folder on a folder',
  }
}
