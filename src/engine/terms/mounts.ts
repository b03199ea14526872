import { Failure, failure } from '../../diagnostics/index.ts'
import type { Owner } from '../security/index.ts'
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
  /** Whose files binds have. */
  readonly owner?: BindOwner
}

/** Somebody of the host, whose files in binds are those of the container's user. */
export interface BindOwner extends Owner {
  /** Binds of what is in somebody else's hands stay as they are. */
  readonly ownAlone: boolean
}

type Own = 'Binds' | 'Mounts' | 'Tmpfs' | 'Volumes' | 'VolumesFrom' | 'VolumeDriver' | 'TscomposeBindOwner'

/** MOUNT_INVALID, MOUNT_DUPLICATE, VOLUME_DRIVER, BIND_OWNER_INVALID. */
export const mountsTerm: Term<Own, MountTerms> = {
  fields: {
    Binds: true,
    Mounts: true,
    Tmpfs: true,
    Volumes: true,
    VolumesFrom: true,
    VolumeDriver: true,
    TscomposeBindOwner: true,
  },
  path: 'Mounts',
  read: given => ({
    own: ownMounts(given),
    inherited: (given.VolumesFrom ?? []).map(parseVolumesFrom),
    ...bindOwner(given.TscomposeBindOwner),
  }),
  check: ({ VolumeDriver: driver }, problems) => {
    if (!driver || driver === 'local') return
    const summary = `volume driver "${driver}" does not exist, want local`
    problems.add('VOLUME_DRIVER', 'HostConfig.VolumeDriver', summary, { facts: { driver } })
  },
}

/** No id is 4,294,967,295, which is said for none. */
function bindOwner(given: Given['TscomposeBindOwner']): Pick<MountTerms, 'owner'> {
  if (given === undefined) return {}
  const { Uid, Gid, OwnAlone = false } = given
  if ([Uid, Gid].every(id => Number.isInteger(id) && id >= 0 && id < 4_294_967_295))
    return { owner: { uid: Uid, gid: Gid, ownAlone: OwnAlone } }
  throw failure({
    code: 'BIND_OWNER_INVALID',
    kind: 'invalidArgument',
    summary: `the owner ${Uid}:${Gid} of binds is no user and group`,
    facts: { owner: `${Uid}:${Gid}` },
  })
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
  if (text === '') throw invalidMount('volumes from "": want a container', { rule: 'no source' })
  if (mode !== 'ro' && mode !== 'rw')
    throw invalidMount(`volumes from "${text}": want ro or rw`, { rule: 'mode', mode })
  return { reference, readonly: mode === 'ro' }
}
