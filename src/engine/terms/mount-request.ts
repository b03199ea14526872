import { posix } from 'node:path'
import type { Mount } from '../../api/types/index.ts'
import { type Facts, failure } from '../../diagnostics/index.ts'
import { parseSize } from '../words/sizes.ts'
import { checkName } from './name.ts'

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

/** `source:target[:options]` of Binds; a source that is no path is a volume's name. */
export function readBind(text: string): MountRequest {
  const parts = text.split(':')
  const [first = '', second, options = ''] = parts
  if (parts.length > 3 || first === '')
    throw invalidMount(`bind "${text}" is not source:target[:options]`, { rule: 'form', specification: text })
  if (second === undefined) {
    return {
      type: 'volume',
      source: '',
      destination: checkDestination(first, 'volume', text),
      readonly: false,
      mode: '',
    }
  }
  const words = options.split(',').filter(word => word !== '')
  const unknown = words.find(word => !BIND_WORDS.includes(word))
  if (unknown !== undefined) {
    throw invalidMount(`bind "${text}": there is no mode "${unknown}"`, { rule: 'mode', mode: options })
  }
  const rights = words.filter(word => ['ro', 'rw', 'readonly'].includes(word))
  if (rights.length > 1)
    throw invalidMount(`bind "${text}" says ${rights.join(' and ')}`, { rule: 'mode', mode: options })
  const propagation = words.find(word => PROPAGATIONS.includes(word))
  const shape = {
    destination: checkDestination(second, first.startsWith('/') ? 'bind' : 'volume', text),
    readonly: words.includes('ro') || words.includes('readonly'),
    mode: options,
    ...(propagation === undefined ? {} : { propagation }),
  }
  if (first.startsWith('/') && words.includes('nocopy'))
    throw invalidMount(`bind "${text}": nocopy is for volumes`, { rule: 'nocopy', specification: text })
  if (first.startsWith('/'))
    return { type: 'bind', source: posix.normalize(first), createSource: true, ...shape }
  return { type: 'volume', source: checkName('volume', first), noCopy: words.includes('nocopy'), ...shape }
}

/** A mount of `Mounts`, by its type. */
export function readMount(mount: Mount): MountRequest {
  const shape = {
    source: mount.Source ?? '',
    destination: checkDestination(mount.Target ?? '', mount.Type ?? ''),
    readonly: mount.ReadOnly === true,
    mode: mount.ReadOnly === true ? 'ro' : '',
  }
  switch (mount.Type) {
    case 'bind':
      return readBindMount(mount, shape)
    case 'volume': {
      const { NoCopy, Subpath, Labels, DriverConfig } = mount.VolumeOptions ?? {}
      if (DriverConfig?.Name && DriverConfig.Name !== 'local') {
        throw invalidMount(`volume driver "${DriverConfig.Name}" does not exist, want local`)
      }
      if (shape.source !== '') checkName('volume', shape.source)
      return {
        type: 'volume',
        ...shape,
        noCopy: NoCopy === true,
        ...(Subpath ? { subpath: checkSubpath(Subpath, 'volume') } : {}),
        ...(Labels === undefined ? {} : { volumeLabels: Labels }),
        ...(DriverConfig?.Options === undefined ? {} : { volumeOptions: DriverConfig.Options }),
      }
    }
    case 'tmpfs':
      return readTmpfsMount(mount, shape)
    case 'image': {
      const subpath = mount.ImageOptions?.Subpath
      if (shape.source === '') throw invalidMount(`image mount on "${shape.destination}" names no image`)
      return {
        type: 'image',
        ...shape,
        readonly: true,
        ...(subpath ? { subpath: checkSubpath(subpath, 'image') } : {}),
      }
    }
    default:
      throw invalidMount(
        `mount type "${mount.Type ?? ''}" is not supported, want bind, volume, tmpfs or image`,
        { rule: 'type', type: mount.Type ?? '' },
      )
  }
}

type Shape = Pick<MountRequest, 'source' | 'destination' | 'readonly' | 'mode'>

function readBindMount(mount: Mount, shape: Shape): MountRequest {
  const { Propagation, NonRecursive, ReadOnlyNonRecursive, CreateMountpoint } = mount.BindOptions ?? {}
  if (!shape.source.startsWith('/'))
    throw invalidMount(`bind source "${shape.source}" is not an absolute path`, {
      rule: 'source',
      source: shape.source,
    })
  if (Propagation && !PROPAGATIONS.includes(Propagation))
    throw invalidMount(`propagation "${Propagation}" does not exist`, {
      rule: 'propagation',
      propagation: Propagation,
    })
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
  if (shape.source !== '') {
    throw invalidMount(`tmpfs on "${shape.destination}" must have no source`, { rule: 'tmpfs source' })
  }
  return {
    type: 'tmpfs',
    ...shape,
    tmpfs: {
      ...(SizeBytes ? { size: SizeBytes } : {}),
      // 0 is none, as Docker takes it.
      ...(Mode ? { mode: Mode } : {}),
      ...(Options === undefined ? {} : { options: Options.map(option => option.join('=')) }),
    },
  }
}

/** `Tmpfs: {"/run": "size=64m,mode=755,exec"}`. */
export function readTmpfs(path: string, text: string): MountRequest {
  const words = text.split(',').filter(word => word !== '')
  const option = (key: string): string | undefined =>
    words.findLast(word => word.startsWith(`${key}=`))?.slice(key.length + 1)
  const [size, mode] = [option('size'), option('mode')]
  if (mode !== undefined && !/^[0-7]{1,5}$/.test(mode))
    throw invalidMount(`tmpfs mode "${mode}" is not octal`)
  return {
    type: 'tmpfs',
    source: '',
    destination: checkDestination(path),
    readonly: words.findLast(word => word === 'ro' || word === 'rw') === 'ro',
    mode: text,
    tmpfs: {
      ...(size === undefined || size.endsWith('%') ? {} : { size: parseSize(size) }),
      ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
      // A part of the memory is the kernel's to work out.
      options: words.filter(word => !/^(size=.*[^%]|mode=.*|ro|rw)$/.test(word)),
    },
  }
}

/** An anonymous volume of `Volumes`, which is the image's as well: it gives way to what else is asked for at that place. */
export function readVolume(destination: string): MountRequest {
  // Docker takes a relative one, which is at the root.
  const place = checkDestination(posix.join('/', destination), 'volume', destination)
  return { type: 'volume', source: '', destination: place, readonly: false, mode: '', weak: true }
}

/** `type` of a mount that says it; `specification` is the text that the target is a part of, where it is one. */
function checkDestination(path: string, type: string = '', specification: string = ''): string {
  const facts = { target: path, type, specification }
  if (!path.startsWith('/') || path.includes('\0'))
    throw invalidMount(`mount target "${path}" is not an absolute path`, { rule: 'target', ...facts })
  const normal = posix.normalize(path).replace(/(.)\/$/, '$1')
  if (normal === '/') throw invalidMount('mount target must not be "/"', { rule: 'root', ...facts })
  return normal
}

function checkSubpath(path: string, type: string): string {
  if (path.startsWith('/') || path.split('/').includes('..'))
    throw invalidMount(`subpath "${path}" leaves its mount`, { rule: 'subpath', type })
  return path
}

/** MOUNT_INVALID. */
export function invalidMount(summary: string, facts: Facts = {}): Error {
  return failure({ code: 'MOUNT_INVALID', kind: 'invalidArgument', summary, facts })
}
