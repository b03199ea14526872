import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import type { EngineContext } from '../state/context.ts'
import type { VolumeRecord } from '../state/volume-record.ts'

/** What mount(2) takes. */
export interface HostMount {
  readonly type: string
  readonly device: string
  readonly flags: number
  readonly data: string
}

/** Options of a mount have a page, with the byte that ends them. */
const OPTIONS_MAX = 4095

/**
 * The mount of a volume that begins with frozen folders: what is written goes into its own `upper`. Folders can be renamed (redirect_dir), as programs
 * expect of a disk. Makes the folders that overlayfs works with; VOLUME_DEEP where there are too many frozen ones for it.
 */
export function layeredMount(
  volumes: EngineContext['volumes'],
  name: string,
  base: readonly string[],
): HostMount {
  const lower = base.map(id => volumes.frozenFolder(id))
  const upper = volumes.upperOf(name)
  const work = join(volumes.folderOf(name), 'work')
  const data = layeredOptions(name, [lower.map(escaped).join(':'), escaped(upper), escaped(work)])
  // What a kernel that went down has left there keeps overlayfs from beginning.
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { mode: 0o700 })
  folderLike(upper, lower[0] ?? upper)
  return { type: 'overlay', device: 'overlay', flags: 0, data }
}

function layeredOptions(name: string, [lower, upper, work]: readonly string[]): string {
  const data = `lowerdir=${lower},upperdir=${upper},workdir=${work},redirect_dir=on,metacopy=off,index=off`
  if (Buffer.byteLength(data) <= OPTIONS_MAX) return data
  throw failure({
    code: 'VOLUME_DEEP',
    kind: 'invalidArgument',
    summary: `volume "${name}" stands on more snapshots than one mount can name`,
    hint: 'restore a snapshot of fewer, or copy its files into a new volume',
  })
}

/** Whether a mount of that many frozen folders can be named; VOLUME_DEEP where it can't. */
export function checkDepth(volumes: EngineContext['volumes'], name: string, base: readonly string[]): void {
  const folder = volumes.folderOf(name)
  const lower = base.map(id => escaped(volumes.frozenFolder(id))).join(':')
  layeredOptions(name, [lower, escaped(volumes.upperOf(name)), escaped(join(folder, 'work'))])
}

/** What parts the options, and the folders in one of them. */
function escaped(path: string): string {
  return path.replaceAll(/[\\:,]/g, '\\$&')
}

/** Makes an empty folder with owner and mode of another, unless it is there. */
export function folderLike(path: string, like: string): void {
  if (existsSync(path)) return
  const { uid, gid, mode } = statSync(like)
  mkdirSync(path, { mode: 0o700 })
  chownSync(path, uid, gid)
  chmodSync(path, mode & 0o7777)
}

/** The folder whose files take room because of the volume alone. */
export function ownFilesOf({ volumes }: Pick<EngineContext, 'volumes'>, volume: VolumeRecord): string {
  return volume.base === undefined ? volumes.dataOf(volume) : volumes.upperOf(volume.name)
}
