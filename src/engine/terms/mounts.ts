import { posix } from 'node:path'
import type { Mount } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { parseSize } from '../words/sizes.ts'
import { checkName } from './name.ts'
import type { Given, Term } from './term.ts'

/** A mount as a request asks for it, in one shape; `source` is a volume's name, a host path or an image. */
export interface MountRequest {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image'
  /** Empty for an anonymous volume and for tmpfs. */
  readonly source: string
  readonly destination: string
  readonly readonly: boolean
  readonly mode: string
  readonly propagation?: string
  readonly recursive?: boolean
  readonly writableBelow?: boolean
  readonly createSource?: boolean
  readonly noCopy?: boolean
  readonly subpath?: string
  readonly volumeLabels?: Readonly<Record<string, string>>
  readonly volumeOptions?: Readonly<Record<string, string>>
  readonly tmpfs?: { readonly size?: number; readonly mode?: number; readonly options?: readonly string[] }
  /** Comes from the image or from `VolumesFrom`: gives way to what the request says itself. */
  readonly weak?: boolean
}

const PROPAGATIONS = ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared']

/** Modes of `source:target:modes`; those of SELinux and of Docker's desktop mean nothing here. */
const BIND_WORDS = [
  ...['ro', 'rw', 'readonly', 'nocopy', 'z', 'Z', 'consistent', 'cached', 'delegated'],
  ...PROPAGATIONS,
]

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
    problems.add('VOLUME_DRIVER', 'HostConfig.VolumeDriver', summary)
  },
}

/** All mounts that a request names itself, and the anonymous volumes of `Volumes`. */
function ownMounts(given: Pick<Given, Own>): MountRequest[] {
  const own = [
    ...(given.Binds ?? []).map(readBind),
    ...(given.Mounts ?? []).map(readMount),
    ...Object.entries(given.Tmpfs ?? {}).map(([path, options]) => readTmpfs(path, options)),
  ]
  const anonymous = Object.keys(given.Volumes ?? {}).map(
    (destination): MountRequest => ({
      type: 'volume',
      source: '',
      destination: checkDestination(destination),
      readonly: false,
      mode: '',
      weak: true,
    }),
  )
  return mergeByDestination([...own, ...anonymous])
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
      })
    }
    if (before === undefined || before.weak === true) byDestination.set(request.destination, request)
  }
  return [...byDestination.values()]
}

/** `container[:ro]`. */
function parseVolumesFrom(text: string): InheritedMounts {
  const [reference = '', mode = 'rw'] = text.split(':')
  if (mode !== 'ro' && mode !== 'rw') throw invalid(`volumes from "${text}": want ro or rw`)
  return { reference, readonly: mode === 'ro' }
}

/** `source:target[:options]` of Binds; a source that is no path is a volume's name. */
function readBind(text: string): MountRequest {
  const parts = text.split(':')
  const [first = '', second, options = ''] = parts
  if (parts.length > 3 || text === '') throw invalid(`bind "${text}" is not source:target[:options]`)
  if (second === undefined) {
    return { type: 'volume', source: '', destination: checkDestination(first), readonly: false, mode: '' }
  }
  const words = options.split(',').filter(word => word !== '')
  const unknown = words.find(word => !BIND_WORDS.includes(word))
  if (unknown !== undefined) throw invalid(`bind "${text}": there is no mode "${unknown}"`)
  const propagation = words.find(word => PROPAGATIONS.includes(word))
  const shape = {
    destination: checkDestination(second),
    readonly: words.includes('ro') || words.includes('readonly'),
    mode: options,
    ...(propagation === undefined ? {} : { propagation }),
  }
  if (first.startsWith('/'))
    return { type: 'bind', source: posix.normalize(first), createSource: true, ...shape }
  return { type: 'volume', source: checkName('volume', first), noCopy: words.includes('nocopy'), ...shape }
}

function readMount(mount: Mount): MountRequest {
  const shape = {
    source: mount.Source ?? '',
    destination: checkDestination(mount.Target ?? ''),
    readonly: mount.ReadOnly === true,
    mode: mount.ReadOnly === true ? 'ro' : '',
  }
  switch (mount.Type) {
    case 'bind':
      return readBindMount(mount, shape)
    case 'volume': {
      const { NoCopy, Subpath, Labels, DriverConfig } = mount.VolumeOptions ?? {}
      if (DriverConfig?.Name && DriverConfig.Name !== 'local') {
        throw invalid(`volume driver "${DriverConfig.Name}" does not exist, want local`)
      }
      if (shape.source !== '') checkName('volume', shape.source)
      return {
        type: 'volume',
        ...shape,
        noCopy: NoCopy === true,
        ...(Subpath ? { subpath: checkSubpath(Subpath) } : {}),
        ...(Labels === undefined ? {} : { volumeLabels: Labels }),
        ...(DriverConfig?.Options === undefined ? {} : { volumeOptions: DriverConfig.Options }),
      }
    }
    case 'tmpfs':
      return readTmpfsMount(mount, shape)
    case 'image': {
      const subpath = mount.ImageOptions?.Subpath
      if (shape.source === '') throw invalid(`image mount on "${shape.destination}" names no image`)
      return {
        type: 'image',
        ...shape,
        readonly: true,
        ...(subpath ? { subpath: checkSubpath(subpath) } : {}),
      }
    }
    default:
      throw invalid(`mount type "${mount.Type ?? ''}" is not supported, want bind, volume, tmpfs or image`)
  }
}

type Shape = Pick<MountRequest, 'source' | 'destination' | 'readonly' | 'mode'>

function readBindMount(mount: Mount, shape: Shape): MountRequest {
  const { Propagation, NonRecursive, ReadOnlyNonRecursive, CreateMountpoint } = mount.BindOptions ?? {}
  if (!shape.source.startsWith('/')) throw invalid(`bind source "${shape.source}" is not an absolute path`)
  if (Propagation && !PROPAGATIONS.includes(Propagation))
    throw invalid(`propagation "${Propagation}" does not exist`)
  return {
    type: 'bind',
    ...shape,
    source: posix.normalize(shape.source),
    recursive: NonRecursive !== true,
    ...(ReadOnlyNonRecursive === true ? { writableBelow: true } : {}),
    createSource: CreateMountpoint === true,
    ...(Propagation ? { propagation: Propagation } : {}),
  }
}

function readTmpfsMount(mount: Mount, shape: Shape): MountRequest {
  const { SizeBytes, Mode, Options } = mount.TmpfsOptions ?? {}
  if (shape.source !== '') throw invalid(`tmpfs on "${shape.destination}" must have no source`)
  return {
    type: 'tmpfs',
    ...shape,
    tmpfs: {
      ...(SizeBytes ? { size: SizeBytes } : {}),
      ...(Mode === undefined ? {} : { mode: Mode }),
      ...(Options === undefined ? {} : { options: Options.map(option => option.join('=')) }),
    },
  }
}

/** `Tmpfs: {"/run": "size=64m,mode=755,exec"}`. */
function readTmpfs(path: string, text: string): MountRequest {
  const words = text.split(',').filter(word => word !== '')
  const option = (key: string): string | undefined =>
    words.find(word => word.startsWith(`${key}=`))?.slice(key.length + 1)
  const [size, mode] = [option('size'), option('mode')]
  if (mode !== undefined && !/^[0-7]{1,5}$/.test(mode)) throw invalid(`tmpfs mode "${mode}" is not octal`)
  return {
    type: 'tmpfs',
    source: '',
    destination: checkDestination(path),
    readonly: words.includes('ro'),
    mode: text,
    tmpfs: {
      ...(size === undefined ? {} : { size: parseSize(size) }),
      ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
      options: words.filter(word => !/^(size|mode)=|^(ro|rw)$/.test(word)),
    },
  }
}

function checkDestination(path: string): string {
  if (!path.startsWith('/') || path.includes('\0'))
    throw invalid(`mount target "${path}" is not an absolute path`)
  const normal = posix.normalize(path).replace(/(.)\/$/, '$1')
  if (normal === '/') throw invalid('mount target must not be "/"')
  return normal
}

function checkSubpath(path: string): string {
  if (path.startsWith('/') || path.split('/').includes('..'))
    throw invalid(`subpath "${path}" leaves its mount`)
  return path
}

function invalid(summary: string): Error {
  return failure({ code: 'MOUNT_INVALID', kind: 'invalidArgument', summary })
}
