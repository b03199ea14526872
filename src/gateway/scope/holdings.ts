import type {
  ContainerSummary,
  ImageInspect,
  ImageSummary,
  NetworkInspect,
  VolumeInspect,
  VolumeListResponse,
} from '../../api/types/index.ts'
import type { EngineCalls } from './engine-calls.ts'
import { notThere } from './refusals.ts'
import { isOf, PROJECT, type Scope } from './scope.ts'

type Query = Readonly<Record<string, string>>

/** What an engine has of the projects of a scope, as it is at this moment. */
export class Holdings {
  readonly #engine: EngineCalls
  readonly #scope: Scope
  #containers: Promise<readonly ContainerSummary[]> | undefined

  constructor(engine: EngineCalls, scope: Scope) {
    this.#engine = engine
    this.#scope = scope
  }

  /** All containers of the projects, whatever their state. */
  containers(): Promise<readonly ContainerSummary[]> {
    this.#containers ??= this.listContainers({ all: '1' }, {})
    return this.#containers
  }

  /** Those that pass filters of a client, too; newest first. */
  async listContainers(
    query: Query,
    filters: Readonly<Record<string, readonly string[]>>,
    version: string = '',
  ): Promise<readonly ContainerSummary[]> {
    const labels = filters['label'] ?? []
    const wanted = this.#scope.projects.map(name => [...labels, `${PROJECT}=${name}`])
    const lists = await Promise.all(
      (wanted.length === 0 ? [labels] : wanted).map(label =>
        this.#engine.get<readonly ContainerSummary[]>(`${version}/containers/json`, {
          ...query,
          filters: JSON.stringify({ ...filters, label }),
        }),
      ),
    )
    const all = lists.flat().filter(({ Labels }) => isOf(this.#scope, Labels))
    return lists.length < 2 ? all : all.sort((a, b) => b.Created - a.Created)
  }

  /**
   * The id of a container that is named by id, name or the beginning of an id. What is another project's is not there, in the very words of
   * what is not there at all. Errors: CONTAINER_NOT_FOUND.
   */
  async containerId(reference: string): Promise<string> {
    const own = await this.containers()
    const name = `/${reference.replace(/^\//, '')}`
    const begin = own.filter(({ Id }) => reference !== '' && Id.startsWith(reference))
    const found =
      own.find(({ Id }) => Id === reference) ??
      own.find(({ Names }) => Names.includes(name)) ??
      (begin.length === 1 ? begin[0] : undefined)
    if (found === undefined) throw notThere('CONTAINER_NOT_FOUND', `No such container: ${reference}`)
    return found.Id
  }

  /** Networks of the projects, and others that their containers are on. */
  async networks(query: Query = {}, version: string = ''): Promise<readonly NetworkInspect[]> {
    const [all, own] = await Promise.all([
      this.#engine.get<readonly NetworkInspect[]>(`${version}/networks`, query),
      this.containers(),
    ])
    const used = new Set(
      own.flatMap(({ NetworkSettings }) =>
        Object.entries(NetworkSettings.Networks).flatMap(([name, { NetworkID }]) => [name, NetworkID ?? '']),
      ),
    )
    return all.filter(({ Id, Name, Labels }) => isOf(this.#scope, Labels) || used.has(Id) || used.has(Name))
  }

  /** Errors: NETWORK_NOT_FOUND. */
  async networkId(reference: string): Promise<string> {
    const own = await this.networks()
    const begin = own.filter(({ Id }) => reference !== '' && Id.startsWith(reference))
    const found =
      own.find(({ Id }) => Id === reference) ??
      own.find(({ Name }) => Name === reference) ??
      (begin.length === 1 ? begin[0] : undefined)
    if (found === undefined) throw notThere('NETWORK_NOT_FOUND', `network ${reference} not found`)
    return found.Id
  }

  /** Volumes of the projects, and others that their containers have mounted. */
  async volumes(query: Query = {}, version: string = ''): Promise<VolumeListResponse> {
    const [all, own] = await Promise.all([
      this.#engine.get<VolumeListResponse>(`${version}/volumes`, query),
      this.containers(),
    ])
    const mounted = new Set(own.flatMap(({ Mounts }) => Mounts.map(({ Name }) => Name)))
    const isOwn = ({ Name, Labels }: VolumeInspect): boolean => isOf(this.#scope, Labels) || mounted.has(Name)
    return { Volumes: (all.Volumes ?? []).filter(isOwn), Warnings: null }
  }

  /** Errors: VOLUME_NOT_FOUND. */
  async volumeName(reference: string): Promise<string> {
    const { Volumes } = await this.volumes()
    if (Volumes.some(({ Name }) => Name === reference)) return reference
    throw notThere('VOLUME_NOT_FOUND', `get ${reference}: no such volume`)
  }

  /** Whether an image, by its id, is one that a container of the projects was made of, and has that name for them. */
  async hasImage(id: string, name: string): Promise<boolean> {
    if (this.#scope.projects.length === 0) return true
    const own = await this.containers()
    return own.some(({ ImageID }) => ImageID === id) && isNameOf(id, own, name)
  }

  /** Images in use, with as many containers as the projects have of them: how many others have is not told. */
  async images(query: Query, version: string): Promise<readonly ImageSummary[]> {
    const all = await this.#engine.get<readonly ImageSummary[]>(`${version}/images/json`, query)
    if (this.#scope.projects.length === 0) return all
    const own = await this.containers()
    return all.flatMap(image => {
      const count = own.filter(({ ImageID }) => ImageID === image.Id).length
      if (count === 0) return []
      const shown = { ...image, ...(image.Containers >= 0 ? { Containers: count } : {}) }
      return [amongOwn(shown, own)]
    })
  }

  /** An image as it is inspected, with its users among the projects' containers. */
  async image(inspect: ImageInspect): Promise<ImageInspect> {
    return this.#scope.projects.length === 0 ? inspect : amongOwn(inspect, await this.containers())
  }
}

/**
 * Whether an image is named so by whoever made a container of it here, or by its id: what others call it is theirs. Names are as
 * Docker writes them, without what goes without saying.
 */
function isNameOf(id: string, own: readonly ContainerSummary[], given: string): boolean {
  const name = given.replace(/^docker\.io\/(?:library\/)?/, '')
  if (
    /^(?:sha256:)?[0-9a-f]{1,64}$/.test(name) &&
    id.replace('sha256:', '').startsWith(name.replace('sha256:', ''))
  )
    return true
  return own.some(
    ({ ImageID, Image }) =>
      ImageID === id && [Image, `${Image}:latest`].some(each => each === name || each === `${name}:latest`),
  )
}

/** What uses an image for one of its platforms is told by the containers' ids: others' are not, nor what others call it. */
function amongOwn<Image extends Pick<ImageSummary, 'Manifests' | 'Id' | 'RepoTags' | 'RepoDigests'>>(
  whole: Image,
  own: readonly ContainerSummary[],
): Image {
  const RepoTags = whole.RepoTags?.filter(tag => isNameOf(whole.Id, own, tag))
  const repositories = new Set(RepoTags?.map(tag => tag.replace(/:[^:/]*$/, '')))
  const RepoDigests = whole.RepoDigests?.filter(
    digest => repositories.has(digest.replace(/@.*$/, '')) || isNameOf(whole.Id, own, digest),
  )
  const image = { ...whole, ...(RepoTags && { RepoTags }), ...(RepoDigests && { RepoDigests }) }
  const { Manifests } = image
  if (Manifests === undefined) return image
  const ids = new Set(own.map(({ Id }) => Id))
  const shown = Manifests.map(each => {
    const Containers = each.ImageData.Containers.filter(id => ids.has(id))
    return { ...each, ImageData: { ...each.ImageData, Containers } }
  })
  return { ...image, Manifests: shown }
}
