import { Failure, failure } from '../../diagnostics/index.ts'
import {
  invalidMount,
  type MountRequest,
  readBind,
  readMount,
  readTmpfs,
  readVolume,
} from './mount-request.ts'
import type { Given, Term } from './term.ts'

/** The mounts of another container, which give way to a container's own. */
export interface InheritedMounts {
  readonly reference: string
  readonly readonly: boolean
}

/** What is mounted in the container. */
export interface MountTerms {
  /** The request's own, those of the image's `Volumes` last, which are weak. */
  readonly own: readonly MountRequest[]
  readonly inherited: readonly InheritedMounts[]
}

type Own = 'Binds' | 'Mounts' | 'Tmpfs' | 'Volumes' | 'VolumesFrom' | 'VolumeDriver'

/** MOUNT_INVALID, MOUNT_DUPLICATE, VOLUME_DRIVER. */
export const mountsTerm: Term<Own, MountTerms> = {
  fields: { Binds: true, Mounts: true, Tmpfs: true, Volumes: true, VolumesFrom: true, VolumeDriver: true },
  path: 'Mounts',
  read: given => ({ own: ownMounts(given), inherited: (given.VolumesFrom ?? []).map(parseVolumesFrom) }),
  check: ({ VolumeDriver: driver }, problems) => {
    if (!driver || driver === 'local') return
    const summary = `volume driver "${driver}" does not exist, want local`
    problems.add('VOLUME_DRIVER', 'HostConfig.VolumeDriver', summary, { facts: { driver } })
  },
}

/** All mounts that a request names itself, and the anonymous volumes of `Volumes`. */
function ownMounts(given: Pick<Given, Own>): MountRequest[] {
  const own = [
    ...(given.Binds ?? []).map(readBind),
    ...(given.Mounts ?? []).map(readMount),
    ...Object.entries(given.Tmpfs ?? {}).map(([path, options]) => tmpfsOf(path, options)),
    ...Object.keys(given.Volumes ?? {}).map(readVolume),
  ]
  return mergeByDestination(own)
}

/** What is wrong with it is said of the options as they stand, which is how it is found in a file. */
function tmpfsOf(path: string, options: string): MountRequest {
  try {
    return readTmpfs(path, options)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const diagnostics = error.diagnostics.map(each => ({
      ...each,
      path: 'HostConfig.Tmpfs',
      summary: `tmpfs options "${options}": ${each.summary}`,
    }))
    throw new Failure(error.kind, diagnostics, error)
  }
}

/** One mount a destination: weak ones give way, two strong ones are MOUNT_DUPLICATE. */
export function mergeByDestination(requests: readonly MountRequest[]): MountRequest[] {
  const byDestination = new Map<string, MountRequest>()
  for (const request of requests) {
    const before = byDestination.get(request.destination)
    if (before !== undefined && before.weak !== true && request.weak !== true) {
      throw failure({
        code: 'MOUNT_DUPLICATE',
        kind: 'invalidArgument',
        summary: `Duplicate mount point: ${request.destination}`,
        facts: { target: request.destination },
      })
    }
    if (before === undefined || before.weak === true) byDestination.set(request.destination, request)
  }
  return [...byDestination.values()]
}

/** `container[:ro]`. */
function parseVolumesFrom(text: string): InheritedMounts {
  const [reference = '', mode = 'rw'] = text.split(':')
  if (mode !== 'ro' && mode !== 'rw') throw invalidMount(`volumes from "${text}": want ro or rw`)
  return { reference, readonly: mode === 'ro' }
}
