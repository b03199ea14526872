import type { Mount as ApiMount, HostConfig } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { Mount } from '../../model/index.ts'
import { secretMounts } from './files.ts'
import { compact, nonEmpty, nonEmptyMap, type RequestInput } from './input.ts'
import { bytes } from './resources.ts'

/** Volumes, binds, tmpfs, secrets and configs from files, and the anonymous volumes of the container before. */
export function mounts(input: RequestInput): HostConfig {
  const { service, inheritedVolumes, parents } = input.operation
  const inherited = new Map(inheritedVolumes.map(mount => [mount.target, mount.name]))
  const wanted = (service.volumes ?? []).filter(
    mount => mount.source !== undefined || !inherited.has(mount.target),
  )
  const binds = wanted.filter(isPlainBind)
  const others = wanted.filter(mount => !isPlainBind(mount)).map(mount => apiMount(input, mount))
  const kept = [...inherited].map(
    ([target, name]): ApiMount => ({ Type: 'volume', Source: name, Target: target }),
  )
  return compact({
    Binds: nonEmpty(binds.map(bindText)),
    Mounts: nonEmpty([...others, ...kept, ...secretMounts(input)]),
    Tmpfs: nonEmptyMap(tmpfsOf(service.tmpfs)),
    VolumesFrom: nonEmpty(parents.volumes.map(({ container, mode }) => `${input.idOf(container)}:${mode}`)),
  })
}

/**
 * The old form of a bind makes a missing source, as Compose wants by default; the new form refuses it, and is used when
 * that is asked for or when something is wanted that the old form can not say.
 */
function isPlainBind(mount: Mount): boolean {
  if (mount.type !== 'bind' || mount.bind?.create_host_path === false) return false
  return mount.bind?.recursive === undefined && !`${mount.source ?? ''}${mount.target}`.includes(':')
}

function bindText(mount: Mount): string {
  const options = [mount.read_only === true ? 'ro' : 'rw', mount.bind?.selinux, mount.bind?.propagation]
  return [mount.source, mount.target, options.filter(option => option !== undefined).join(',')].join(':')
}

function apiMount(input: RequestInput, mount: Mount): ApiMount {
  return compact<ApiMount>({
    Type: mount.type,
    Source: sourceOf(input, mount),
    Target: mount.target,
    ReadOnly: mount.read_only,
    Consistency: mount.consistency,
    ...optionsOf(mount),
  })
}

function sourceOf({ project, operation }: RequestInput, mount: Mount): string | undefined {
  if (mount.source === undefined) return undefined
  if (mount.type === 'volume') return project.model.volumes?.[mount.source]?.name ?? mount.source
  if (mount.type !== 'image') return mount.source
  const service = project.model.services[mount.source]
  if (service === undefined) return mount.source
  if (mount.source === operation.serviceName)
    throw failure({
      kind: 'invalidArgument',
      code: 'IMAGE_MOUNT_OF_ITSELF',
      summary: `service "${operation.serviceName}" can not mount its own image`,
    })
  return service.image ?? `${project.name}-${mount.source}`
}

function optionsOf(mount: Mount): Partial<ApiMount> {
  switch (mount.type) {
    case 'bind':
      return { BindOptions: compact(bindOptions(mount)) }
    case 'volume':
      return {
        VolumeOptions: compact({
          NoCopy: mount.volume?.nocopy,
          Subpath: mount.volume?.subpath,
          Labels: mount.volume?.labels,
        }),
      }
    case 'tmpfs':
      return { TmpfsOptions: compact({ SizeBytes: bytes(mount.tmpfs?.size), Mode: mount.tmpfs?.mode }) }
    case 'image':
      return mount.image?.subpath === undefined ? {} : { ImageOptions: { Subpath: mount.image.subpath } }
    default:
      return {}
  }
}

function bindOptions({ bind }: Mount): NonNullable<ApiMount['BindOptions']> {
  return {
    Propagation: bind?.propagation,
    CreateMountpoint: bind?.create_host_path === false ? undefined : true,
    NonRecursive: bind?.recursive === 'disabled' ? true : undefined,
    ReadOnlyNonRecursive: bind?.recursive === 'writable' ? true : undefined,
    ReadOnlyForceRecursive: bind?.recursive === 'readonly' ? true : undefined,
  }
}

/** `path[:options]`. */
function tmpfsOf(entries: readonly string[] | undefined): Record<string, string> {
  return Object.fromEntries(
    (entries ?? []).map(entry => {
      const at = entry.indexOf(':')
      return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
    }),
  )
}
