import type { Mount as ServiceMount } from '../../../api/types/index.ts'
import { bytesOf, type Mount, type Path } from '../../../model/index.ts'
import { parseBytes } from '../../../notation/index.ts'
import { compact, nonEmpty, type Subject } from './context.ts'
import { stackLabels } from './names.ts'

/** Mounts of each task: volumes of its node, binds, and memory. */
export function mountsOf(subject: Subject): ServiceMount[] {
  const { service, path } = subject
  const volumes = (service.volumes ?? []).flatMap((mount, index) =>
    mountOf(subject, mount, [...path, 'volumes', index]),
  )
  const memory = (service.tmpfs ?? []).map((entry, index) =>
    tmpfsOf(subject, entry, [...path, 'tmpfs', index]),
  )
  return [...volumes, ...memory]
}

function mountOf(subject: Subject, mount: Mount, path: Path): ServiceMount[] {
  const { findings } = subject.context
  const common = compact<ServiceMount>({
    Type: mount.type,
    Source: mount.source,
    Target: mount.target,
    ReadOnly: mount.read_only === true ? true : undefined,
    Consistency: mount.consistency,
  })
  switch (mount.type) {
    case 'volume':
      return [{ ...common, ...volumeOf(subject, mount) }]
    case 'bind':
      warnOfBind(subject, mount, path)
      return [{ ...common, ...bindOf(mount) }]
    case 'tmpfs':
      return [compact<ServiceMount>({ ...common, Source: undefined, TmpfsOptions: memoryOf(mount) })]
    default:
      findings.error('SWARM_MOUNT', path, `a swarm has no mounts of the type "${mount.type}"`)
      return []
  }
}

/** A named volume is made on each node where a task needs it, with the file's own driver and labels. */
function volumeOf({ context }: Subject, mount: Mount): Partial<ServiceMount> {
  if (mount.source === undefined) return {}
  const volume = context.project.model.volumes?.[mount.source]
  const { driver, driver_opts: options } = volume ?? {}
  const hasDriver = driver !== undefined || Object.keys(options ?? {}).length > 0
  const isOwn = volume !== undefined && volume.external !== true
  return {
    Source: volume?.name ?? mount.source,
    VolumeOptions: compact({
      NoCopy: mount.volume?.nocopy === true ? true : undefined,
      Subpath: mount.volume?.subpath,
      Labels: isOwn ? stackLabels(context.stack, volume.labels) : undefined,
      DriverConfig:
        isOwn && hasDriver
          ? {
              ...(driver === undefined ? {} : { Name: driver }),
              ...(options === undefined ? {} : { Options: options }),
            }
          : undefined,
    }),
  }
}

function bindOf({ bind }: Mount): Partial<ServiceMount> {
  const options = compact<NonNullable<ServiceMount['BindOptions']>>({
    Propagation: bind?.propagation,
    NonRecursive: bind?.recursive === 'disabled' ? true : undefined,
    ReadOnlyNonRecursive: bind?.recursive === 'writable' ? true : undefined,
    ReadOnlyForceRecursive: bind?.recursive === 'readonly' ? true : undefined,
  })
  return Object.keys(options).length === 0 ? {} : { BindOptions: options }
}

/** Places that each Linux machine has. */
const ON_EACH_NODE =
  /^(?:\/(?:proc|sys|dev|run|var\/run|var\/log|var\/lib\/docker)(?:\/.*)?|\/etc\/(?:localtime|timezone|hosts|hostname|resolv\.conf|machine-id|os-release|ssl(?:\/.*)?)|\/)$/

function warnOfBind({ context, name }: Subject, { source = '' }: Mount, path: Path): void {
  if (ON_EACH_NODE.test(source)) return
  context.findings.warn(
    'SWARM_BIND',
    path,
    `"${source}" must be on each node where a task of "${name}" may run: a swarm brings no files of this machine there`,
    'make it a config, a secret, a volume or a part of the image, or keep the service on one node by deploy.placement.constraints',
  )
}

function memoryOf({ tmpfs }: Mount): ServiceMount['TmpfsOptions'] {
  const size = tmpfs?.size === undefined ? undefined : bytesOf(tmpfs.size)
  const options = compact<NonNullable<ServiceMount['TmpfsOptions']>>({ SizeBytes: size, Mode: tmpfs?.mode })
  return Object.keys(options).length === 0 ? undefined : options
}

/** `PATH[:OPTIONS]`, of which a swarm has the size and the mode. */
function tmpfsOf({ context }: Subject, entry: string, path: Path): ServiceMount {
  const [target = '', given = ''] = entry.split(/:(.*)/s)
  const options = nonEmpty(given.split(',').filter(option => option !== '')) ?? []
  const known = new Map(options.map(option => option.split('=', 2) as [string, string]))
  const lost = [...known.keys()].filter(key => key !== 'size' && key !== 'mode')
  if (lost.length > 0)
    context.findings.warn(
      'SWARM_ATTRIBUTE',
      path,
      `a swarm has no such options of memory: ${lost.join(', ')}`,
    )
  const [size, mode] = [known.get('size'), known.get('mode')]
  const sizeOf = size === undefined ? undefined : bytesIn(size)
  return compact<ServiceMount>({
    Type: 'tmpfs',
    Target: target,
    TmpfsOptions:
      sizeOf === undefined && mode === undefined
        ? undefined
        : compact({ SizeBytes: sizeOf, Mode: mode === undefined ? undefined : Number.parseInt(mode, 8) }),
  })
}

function bytesIn(size: string): number | undefined {
  const bytes = parseBytes(size)
  return bytes === undefined ? undefined : Number(bytes)
}
