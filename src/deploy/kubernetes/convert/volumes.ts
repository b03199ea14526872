import type { Mount, Path } from '../../../model/index.ts'
import { parseBytes } from '../../../notation/index.ts'
import type { PodVolume, VolumeMount } from '../objects/pod.ts'
import { bindOf, type MountMaker } from './binds.ts'
import type { Content } from './contents.ts'
import { compact, type Subject } from './context.ts'
import type { PodGroup } from './groups.ts'
import { freeName, nameFor } from './names.ts'
import { byteQuantity } from './quantities.ts'
import { mountsOf, type OwnMount } from './volume-users.ts'

/** The volumes of a pod, each once, and where its containers have them. */
export class Mounts {
  readonly #volumes = new Map<string, PodVolume>()
  readonly #mounts = new Map<string, VolumeMount[]>()
  readonly #digests = new Set<string>()
  readonly maker: MountMaker

  constructor(group: PodGroup, maker: MountMaker) {
    this.maker = maker
    for (const member of group.members) {
      for (const own of mountsOf(member)) addMount(this, member, own)
      addMemory(this, member)
      addContents(this, member)
      for (const text of member.service.volumes_from ?? []) warnOfForeign(member, text)
    }
  }

  /** A volume and where a container has it; a later mount at the same place takes its turn. */
  add(service: string, key: string, source: Omit<PodVolume, 'name'>, mount: Omit<VolumeMount, 'name'>): void {
    // What differs in kind may be called alike: a volume and a config.
    const identity = `${Object.keys(source).join()} ${key}`
    const name = this.#volumes.get(identity)?.name ?? this.#free(nameFor(key))
    this.#volumes.set(identity, { name, ...source })
    const others = (this.#mounts.get(service) ?? []).filter(({ mountPath }) => mountPath !== mount.mountPath)
    this.#mounts.set(service, [...others, { name, ...compact(mount) }])
  }

  /** Contents as one file, or a folder of files. */
  addContent(
    service: string,
    { kind, object, key, items, digest }: Content,
    mount: { readonly mountPath: string; readonly mode: number },
  ): void {
    const { mountPath, mode } = mount
    if (digest !== undefined) this.#digests.add(digest)
    const source = { ...(items === undefined ? {} : { items }), defaultMode: mode }
    this.add(
      service,
      `${object} ${mode === 0o444 ? '' : mode.toString(8)}`.trimEnd(),
      kind === 'secret'
        ? { secret: { secretName: object, ...source } }
        : { configMap: { name: object, ...source } },
      { mountPath, readOnly: true, ...(key === undefined ? {} : { subPath: key }) },
    )
  }

  /** A volume that no service has asked for: its name gives way to those of the others, and is returned. */
  addOwn({ name: wanted, ...source }: PodVolume): string {
    const name = this.#free(wanted)
    this.#volumes.set(`own ${name}`, { name, ...source })
    return name
  }

  mountsOf(service: string): readonly VolumeMount[] {
    return this.#mounts.get(service) ?? []
  }

  get volumes(): readonly PodVolume[] {
    return [...this.#volumes.values()]
  }

  /** Stands for all contents that are no secrets; undefined where there are none. */
  get digest(): string | undefined {
    return this.#digests.size === 0 ? undefined : [...this.#digests].sort().join('-').slice(0, 63)
  }

  #free(name: string): string {
    return freeName(name, new Set([...this.#volumes.values()].map(volume => volume.name)))
  }
}

function addMount(mounts: Mounts, subject: Subject, own: OwnMount): void {
  const { mount, path, service } = own
  const place = compact({ mountPath: mount.target, readOnly: mount.read_only })
  const { notes } = subject.context
  switch (mount.type) {
    case 'volume':
      addVolume(mounts, subject, own)
      return
    case 'tmpfs':
      addTmpfs(mounts, subject, mount.target, { size: mount.tmpfs?.size, mode: mount.tmpfs?.mode }, path)
      return
    case 'image': {
      const reference = mount.source ?? ''
      notes.choose(path, `Volume of ${subject.name}`, 'a volume of an image takes Kubernetes 1.33 or later')
      mounts.add(
        subject.name,
        `image ${reference}`,
        { image: { reference } },
        compact({ ...place, readOnly: true, subPath: mount.image?.subpath }),
      )
      return
    }
    case 'bind': {
      const bind = bindOf(subject, mounts.maker, own)
      if (bind === undefined) return
      if ('content' in bind)
        mounts.addContent(subject.name, bind.content, { mountPath: mount.target, mode: bind.mode })
      else
        mounts.add(
          subject.name,
          `host ${mount.source ?? ''}`,
          bind,
          compact({ ...place, mountPropagation: propagationOf(mount) }),
        )
      return
    }
    case 'npipe':
    case 'cluster':
      notes.warn(
        'KUBERNETES_VOLUME',
        path,
        `a mount of type ${mount.type} of ${service} has no counterpart in Kubernetes`,
      )
  }
}

function propagationOf({ bind }: Mount): string | undefined {
  if (bind?.propagation === 'rshared' || bind?.propagation === 'shared') return 'Bidirectional'
  return bind?.propagation === 'rslave' || bind?.propagation === 'slave' ? 'HostToContainer' : undefined
}

function addVolume(mounts: Mounts, subject: Subject, { mount, path, service }: OwnMount): void {
  const place = compact({
    mountPath: mount.target,
    readOnly: mount.read_only,
    subPath: mount.volume?.subpath,
  })
  if (mount.source === undefined) {
    subject.context.notes.choose(
      path,
      `Volume of ${subject.name}`,
      'a volume without a name lives as long as its pod',
    )
    mounts.add(subject.name, `${service} ${mount.target}`, { emptyDir: {} }, place)
    return
  }
  const claimName = mounts.maker.claimOf(mount.source)
  mounts.add(subject.name, mount.source, { persistentVolumeClaim: { claimName } }, place)
}

interface Tmpfs {
  readonly size: string | undefined
  readonly mode?: number | undefined
}

function addTmpfs(mounts: Mounts, subject: Subject, target: string, { size, mode }: Tmpfs, path: Path): void {
  if (mode !== undefined && mode !== 0o1777 && mode !== 0o777)
    subject.context.notes.warn(
      'KUBERNETES_ATTRIBUTE',
      path,
      'a volume in memory is open to all in Kubernetes (0777): its mode cannot be chosen',
    )
  const sizeLimit = byteQuantity(size)
  const emptyDir = { medium: 'Memory' as const, ...(sizeLimit === undefined ? {} : { sizeLimit }) }
  mounts.add(subject.name, `${subject.name} ${target}`, { emptyDir }, { mountPath: target })
}

/** `tmpfs` and `shm_size`. */
function addMemory(mounts: Mounts, subject: Subject): void {
  const { service, path } = subject
  for (const [index, text] of (service.tmpfs ?? []).entries()) {
    const [target = '', options = ''] = text.split(':')
    const given = new Map(options.split(',').map(option => option.split('=') as [string, string | undefined]))
    const bytes = parseBytes(given.get('size') ?? '')
    const mode = given.get('mode')
    addTmpfs(
      mounts,
      subject,
      target,
      {
        size: bytes === undefined ? undefined : String(bytes),
        mode: mode === undefined ? undefined : Number.parseInt(mode, 8),
      },
      [...path, 'tmpfs', index],
    )
  }
  if (service.shm_size !== undefined)
    addTmpfs(mounts, subject, '/dev/shm', { size: service.shm_size }, [...path, 'shm_size'])
}

function addContents(mounts: Mounts, subject: Subject): void {
  const { service, context, path } = subject
  for (const attribute of ['configs', 'secrets'] as const) {
    for (const [index, { source, target, uid, gid, mode }] of (service[attribute] ?? []).entries()) {
      const { contents } = mounts.maker
      const content = attribute === 'configs' ? contents.config(source) : contents.secret(source)
      if (content === undefined) continue
      const isOwned = (uid ?? '0') !== '0' || (gid ?? '0') !== '0'
      if (isOwned)
        context.notes.warn(
          'KUBERNETES_ATTRIBUTE',
          [...path, attribute, index],
          `"${source}" is root's in Kubernetes: files of a cluster have no other owner`,
        )
      // What has an owner of its own is to be read by that one, who is nobody special here.
      const bits = mode === undefined ? 0o444 : Number.parseInt(mode, 8) | (isOwned ? 0o044 : 0)
      const folder = attribute === 'configs' ? '/' : '/run/secrets/'
      const mountPath =
        target === undefined ? `${folder}${source}` : target.startsWith('/') ? target : `${folder}${target}`
      mounts.addContent(subject.name, content, { mountPath, mode: bits })
    }
  }
}

function warnOfForeign({ context, path }: Subject, text: string): void {
  if (!text.startsWith('container:')) return
  context.notes.warn(
    'KUBERNETES_VOLUME',
    [...path, 'volumes_from'],
    `"${text}" is a container of this machine, and not of a cluster`,
  )
}
