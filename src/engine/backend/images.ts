import type { ImageBackend } from '../../api/backend/images.ts'
import type {
  AuthConfig,
  AuthResponse,
  DistributionInspect,
  Filters,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImageListOptions,
  ImagePruneResponse,
  ImagePullOptions,
  ImagePushOptions,
  ImageRemoveOptions,
  ImageSearchItem,
  ImageSearchOptions,
  ImageSummary,
  PathStat,
  ProgressMessage,
} from '../../api/types/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { ImageRecord, ImageStore, Removal } from '../../image/index.ts'
import { platformDistance } from '../../oci/platform.ts'
import { parseReference, spelledOut } from '../../oci/reference.ts'
import { statInImage } from '../archive/index.ts'
import { tellImage } from '../events/image-event.ts'
import { tellPrune } from '../events/prune-event.ts'
import { inspectDistribution } from '../images/distribution.ts'
import { listFilter, pruneFilter, withoutIntermediate } from '../images/filters.ts'
import { logInto, search } from '../images/login-and-search.ts'
import { manifestsOf } from '../images/manifests.ts'
import { notForPlatform } from '../images/names.ts'
import { pullTags } from '../images/pull.ts'
import { pushTags } from '../images/push.ts'
import { removePlatforms } from '../images/remove-platforms.ts'
import { renderHistory, renderImage, renderImageInspect, renderRemoval } from '../images/render.ts'
import { wirePlatform } from '../images/wire-platform.ts'
import { resolveUser } from '../rootfs/user.ts'
import type { EngineContext } from '../state/context.ts'
import { booleanFilter } from '../words/filters.ts'

/** The image store in Docker's words. */
export class Images implements ImageBackend {
  readonly #engine: EngineContext
  readonly #store: ImageStore

  constructor(engine: EngineContext) {
    this.#engine = engine
    this.#store = engine.images
  }

  async list(options: ImageListOptions): Promise<readonly ImageSummary[]> {
    const matches = await listFilter(this.#store, options.filters)
    const all = await this.#store.list()
    const shown = options.all ? all : withoutIntermediate(all)
    const images = shown.flatMap(image => matches(image) ?? [])
    const shared = options.sharedSize ? (await this.#store.usage()).sharedSizes : undefined
    return Promise.all(
      images.map(async image => ({
        ...renderImage(image),
        SharedSize: shared?.get(image.id) ?? -1,
        Containers: this.#usersOf(image.id).length,
        ...(options.manifests ? await this.#manifestsOf(image) : {}),
      })),
    )
  }

  async inspect(name: string, platform?: string, manifests = false): Promise<ImageInspect> {
    if (manifests && platform !== undefined && platform !== '') throw oneOrTheOther()
    const image = await this.#find(name, platform)
    const shown = renderImageInspect(image, await this.#foldersOf(image))
    return manifests ? { ...shown, ...(await this.#manifestsOf(image)) } : shown
  }

  async #manifestsOf(image: ImageRecord): Promise<Pick<ImageInspect, 'Manifests'>> {
    return { Manifests: await manifestsOf(this.#store, image, id => this.#usersOf(id)) }
  }

  #usersOf(imageId: string): readonly string[] {
    const containers = [...this.#engine.containers.values()]
    return containers.flatMap(({ record }) => (record.imageId === imageId ? record.id : []))
  }

  async history(name: string, platform?: string): Promise<readonly ImageHistoryItem[]> {
    const image = await this.#find(name, platform)
    const ancestry = [image]
    for (let { parent } = image; parent !== ''; ) {
      const above = await this.#store.resolve(parent)
      if (above === undefined || ancestry.length > image.history.length) break
      ancestry.push(above)
      parent = above.parent
    }
    return renderHistory(image, ancestry)
  }

  async statPaths(name: string, paths: readonly string[]): Promise<readonly (PathStat | null)[]> {
    return statInImage(this.#engine, (await this.#find(name)).id, paths)
  }

  async checkUser(name: string, user: string, groups: readonly string[]): Promise<void> {
    resolveUser(user, await this.#engine.users.ofImage((await this.#find(name)).id), groups)
  }

  async pull(options: ImagePullOptions, signal: AbortSignal): Promise<AsyncIterable<ProgressMessage>> {
    const onPulled = (pulled: string, image: ImageRecord): void => this.#tell('pull', pulled, image.id)
    return pullTags(this.#store, options, onPulled, signal)
  }

  push(
    name: string,
    options: ImagePushOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ProgressMessage>> {
    const onPushed = (pushed: string, image: ImageRecord): void => this.#tell('push', pushed, image.id)
    return pushTags(this.#store, name, options, onPushed, signal)
  }

  distribution(
    name: string,
    auth: AuthConfig | undefined,
    signal: AbortSignal,
  ): Promise<DistributionInspect> {
    return inspectDistribution(name, auth, signal)
  }

  search(options: ImageSearchOptions): Promise<readonly ImageSearchItem[]> {
    return search(options)
  }

  logIn(auth: AuthConfig, signal: AbortSignal): Promise<AuthResponse> {
    return logInto(auth, signal)
  }

  async tag(name: string, repository: string, tag: string): Promise<void> {
    const image = await this.#find(name)
    const reference = tag === '' ? repository : `${repository}:${tag}`
    await this.#store.tag(name, reference)
    this.#tell('tag', reference, image.id)
  }

  async remove(name: string, options: ImageRemoveOptions): Promise<readonly ImageDeleteItem[]> {
    await this.#find(name)
    const before = await this.#store.list()
    const platforms = options.platforms.map(wirePlatform)
    const removals =
      (await removePlatforms(this.#engine, name, platforms)) ??
      (await this.#store.remove(name, { force: options.force, keepParents: options.noprune }))
    this.#tellRemovals(removals, before)
    return removals.map(renderRemoval)
  }

  async prune(filters: Filters): Promise<ImagePruneResponse> {
    const before = await this.#store.list()
    const { removals, reclaimed } = await this.#store.prune({
      all: booleanFilter(filters, 'dangling') === false,
      matches: pruneFilter(filters),
    })
    this.#tellRemovals(removals, before)
    tellPrune(this.#engine, 'image', reclaimed)
    const ImagesDeleted = removals.length === 0 ? null : removals.map(renderRemoval)
    return { ImagesDeleted, SpaceReclaimed: reclaimed }
  }

  /** None where a layer is missing: the rest is still to be shown. */
  async #foldersOf({ id }: ImageRecord): Promise<readonly string[]> {
    try {
      return await this.#store.layersOf(id)
    } catch (error) {
      if (error instanceof Failure && error.code === 'LAYER_MISSING') return []
      throw error
    }
  }

  /** Docker's words for an image that is not there. */
  async #find(name: string, platform?: string): Promise<ImageRecord> {
    const wanted = platform === undefined || platform === '' ? undefined : wirePlatform(platform)
    const image = await this.#store.resolve(name, wanted)
    if (image !== undefined && wanted !== undefined && platformDistance(wanted, image) === undefined)
      throw notForPlatform(name, image, wanted)
    if (image !== undefined) return image
    if (!name.startsWith('sha256:')) parseReference(name)
    throw failure({
      code: 'IMAGE_NOT_FOUND',
      kind: 'notFound',
      summary: `No such image: ${spelledOut(name)}`,
    })
  }

  #tell(action: string, name: string, id: string): void {
    tellImage(this.#engine, action, id, name)
  }

  /** `before`: what there was. A name that has gone is told by what it was the name of. */
  #tellRemovals(removals: readonly Removal[], before: readonly ImageRecord[]): void {
    for (const removal of removals) {
      const id =
        'deleted' in removal
          ? removal.deleted
          : before.find(({ repoTags }) => repoTags.includes(removal.untagged))?.id
      if (id !== undefined) tellImage(this.#engine, 'deleted' in removal ? 'delete' : 'untag', id)
    }
  }
}

function oneOrTheOther(): Error {
  return failure({
    code: 'REQUEST_INVALID',
    kind: 'invalidArgument',
    summary: 'conflicting options: manifests and platform options cannot both be set',
  })
}
