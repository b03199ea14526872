import type { Readable } from 'node:stream'
import type {
  AuthResponse,
  BuildContextAnswer,
  BuildPruneResponse,
  ImagePruneResponse,
  ImageSearchItem,
  ImageSummary,
} from '../api/types/index.ts'
import { splitReference } from '../oci/reference.ts'
import { type BuildCallOptions, type BuildContext, buildCall } from './building/build-call.ts'
import type { Archive, CallControl, Credentials, Options, WithAuth } from './calls/call.ts'
import { type Args, type AuthArgs, type Callback, settle, take, takeAuth } from './calls/callback.ts'
import { ClusterCalls } from './cluster-calls.ts'
import { Image } from './objects/image.ts'

type PullOptions = WithAuth<Options<'imagePull'>>

/** The client's calls about images: the engine's, registries', and builds. */
export abstract class ImageCalls extends ClusterCalls {
  /** An image by reference or id, unasked. */
  getImage(name: string): Image {
    return new Image(this.modem, name)
  }

  /** Images. */
  listImages(...args: Args<Options<'imageList'>, readonly ImageSummary[]>): Promise<readonly ImageSummary[]> {
    return this.ask('imageList', args)
  }

  /** Builds an image; a stream of progress lines (`followProgress`). With `version: '2'` BuildKit builds, which asks us for credentials. */
  buildImage(context: BuildContext, ...args: Args<BuildCallOptions, Readable>): Promise<Readable> {
    return this.work(args, options =>
      options?.version === '2' ? this.#buildInSession(context, options) : this.#build(context, options),
    )
  }

  /**
   * Ours: asks what of a build context the engine lacks, by its manifest as the body's first line, or sends that (`fill`). An
   * engine that knows nothing of it says `notFound`.
   */
  buildContext(
    body: Readable | Uint8Array,
    options: Options<'buildContext'> = {},
  ): Promise<BuildContextAnswer> {
    return this.value('buildContext', options, { file: body })
  }

  /** Fetches an image, `latest` when no tag is named; a stream of progress lines. */
  pull(
    reference: string,
    options?: PullOptions | Callback<Readable> | null,
    callback?: Callback<Readable>,
    auth?: Credentials,
  ): Promise<Readable> {
    return this.#pull(pullQuery(reference), [options, callback], auth)
  }

  /** Fetches all tags of a repository; a stream of progress lines. */
  pullAll(
    reference: string,
    options?: PullOptions | Callback<Readable> | null,
    callback?: Callback<Readable>,
    auth?: Credentials,
  ): Promise<Readable> {
    return this.#pull({ fromImage: pullQuery(reference).fromImage }, [options, callback], auth)
  }

  /** The endpoint behind `pull`. Credentials may come first. */
  createImage(...args: AuthArgs<Credentials, PullOptions, Readable>): Promise<Readable> {
    const { auth, options, callback } = takeAuth(args)
    return settle(this.modem.Promise, callback, () => this.stream('imagePull', options, { auth }))
  }

  /** Loads the images of an archive: its path, bytes or stream; a stream of progress lines. */
  loadImage(file: Archive, ...args: Args<Options<'imageLoad'>, Readable>): Promise<Readable> {
    return this.open('imageLoad', args, { file })
  }

  /** Makes an image of the tar of a file tree; a stream of progress lines. */
  importImage(file: Archive, ...args: Args<Options<'imagePull'>, Readable>): Promise<Readable> {
    return this.work(args, options => {
      const query: Options<'imagePull'> = { ...options, fromSrc: '-' }
      return this.stream('imagePull', query, { file })
    })
  }

  /** Several images as one archive; `names` are theirs. */
  getImages(...args: Args<Options<'imagesSave'>, Readable>): Promise<Readable> {
    return this.open('imagesSave', args)
  }

  /** Shows credentials to their registry. */
  checkAuth(...args: Args<Credentials & CallControl, AuthResponse>): Promise<AuthResponse> {
    return this.ask('auth', args)
  }

  /** Searches a registry, the hub where the term names none. */
  searchImages(
    ...args: Args<WithAuth<Options<'imageSearch'>>, readonly ImageSearchItem[]>
  ): Promise<readonly ImageSearchItem[]> {
    return this.work<WithAuth<Options<'imageSearch'>>, readonly ImageSearchItem[]>(args, options =>
      this.value('imageSearch', options, { auth: options?.authconfig }),
    )
  }

  /** Removes images that nobody names. */
  pruneImages(...args: Args<Options<'imagePrune'>, ImagePruneResponse>): Promise<ImagePruneResponse> {
    return this.ask('imagePrune', args)
  }

  /** Removes what builds have cached. */
  pruneBuilder(...args: Args<Options<'buildPrune'>, BuildPruneResponse>): Promise<BuildPruneResponse> {
    return this.ask('buildPrune', args)
  }

  async #build(context: BuildContext, options?: BuildCallOptions, session?: string): Promise<Readable> {
    const { options: bag, ...call } = await buildCall(context, options, session)
    return this.stream('build', bag, call)
  }

  async #buildInSession(context: BuildContext, options: BuildCallOptions): Promise<Readable> {
    // Few build, and of those few with BuildKit.
    const { openSession } = await import('./building/session.ts')
    const session = await openSession(this.modem, options)
    try {
      const progress = await this.#build(context, options, session.id)
      return progress.once('close', () => session.end())
    } catch (error) {
      session.end()
      throw error
    }
  }

  #pull(
    query: Options<'imagePull'>,
    args: Args<PullOptions, Readable>,
    auth: Credentials | undefined,
  ): Promise<Readable> {
    const { options, callback } = take(args)
    return this.createImage(auth ?? options?.authconfig, { ...options, ...query }, callback)
  }
}

/** The query of a pull: a digest travels as the tag; without either `latest`, for no tag at all means every one. */
function pullQuery(reference: string): { readonly fromImage: string; readonly tag: string } {
  const at = reference.indexOf('@')
  if (at >= 0) return { fromImage: reference.slice(0, at), tag: reference.slice(at + 1) }
  const { name, tag = 'latest' } = splitReference(reference)
  return { fromImage: name, tag }
}
