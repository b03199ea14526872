import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** The ROOT that needs no suffix in the kernel (docs/architecture.md, "State on disk"). */
const DEFAULT_ROOT = '/var/lib/tscompose'

/** Where everything of one engine lives; see docs/architecture.md, "State on disk". */
export interface EnginePaths {
  readonly root: string
  readonly run: string
  /** Below the layers of every image; see `ensureInitLayer`. */
  readonly initLayer: string
  /** Empty for the default root, else 6 hex digits of its digest: marks what is ours in the kernel. */
  readonly engineId: string
}

/** Files and folders of one container below ROOT and RUN. */
export interface ContainerPaths {
  readonly folder: string
  readonly record: string
  /** The record from its removal on until that has been told; beside the folder, which goes before. */
  readonly removed: string
  /** What changes at each run; see container-record.ts. */
  readonly state: string
  readonly upper: string
  readonly work: string
  readonly etc: string
  /** Files that lie over what is mounted, at the container's paths; made with the first of them. */
  readonly overMounts: string
  readonly log: string
  readonly status: string
  readonly runFolder: string
  readonly socket: string
}

/** What is in a container's `etc`, and lies over its own /etc. */
export const ETC_FILES = ['hostname', 'hosts', 'resolv.conf'] as const

/** The paths of the engine whose state is below `root` and whose sockets are below `run`. */
export function enginePaths(root: string, run: string): EnginePaths {
  const engineId = root === DEFAULT_ROOT ? '' : createHash('sha256').update(root).digest('hex').slice(0, 6)
  return { root, run, initLayer: join(root, 'init-layer'), engineId }
}

/** What the RUN steps of builds have mounted while they run, a folder each. */
export function buildsFolder({ run }: EnginePaths): string {
  return join(run, 'builds')
}

/** Where monitors find the server of /proc files that all of them share (native/procfs/door.c). */
export function procFolder({ run }: EnginePaths): string {
  return join(run, 'proc')
}

/** The files of container `id`. */
export function containerPaths(paths: EnginePaths, id: string): ContainerPaths {
  const folder = join(paths.root, 'containers', id)
  // The path of a unix socket has 107 bytes at most: 64 digits would leave too few for RUN.
  const runFolder = join(paths.run, 'containers', id.slice(0, 16))
  return {
    folder,
    record: join(folder, 'record.json'),
    removed: `${folder}.removed`,
    state: join(folder, 'state.json'),
    upper: join(folder, 'upper'),
    work: join(folder, 'work'),
    etc: join(folder, 'etc'),
    overMounts: join(folder, 'over-mounts'),
    log: join(folder, 'container.log'),
    status: join(folder, 'status'),
    runFolder,
    socket: join(runFolder, 'monitor.sock'),
  }
}
