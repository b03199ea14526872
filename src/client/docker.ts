import type { Readable } from 'node:stream'
import type { CallQueryOf, RouteName } from '../api/routes.ts'
import type {
  AuthConfig,
  AuthResponse,
  BuildContextAnswer,
  BuildPruneResponse,
  ContainerPruneResponse,
  ContainerSummary,
  DiskUsageResponse,
  ImagePruneResponse,
  ImageSearchItem,
  ImageSummary,
  InfoResponse,
  LabelledStats,
  NetworkCreateRequest,
  NetworkInspect,
  NetworkPruneResponse,
  VersionResponse,
  VolumeCreateRequest,
  VolumeInspect,
  VolumeListResponse,
  VolumePruneResponse,
} from '../api/types/index.ts'
import { splitReference } from '../oci/reference.ts'
import { type BuildCallOptions, type BuildContext, buildCall } from './building/build-call.ts'
import { type Archive, openArchive } from './calls/archive.ts'
import { adapt, type Callback, type OptionsOr } from './calls/callback.ts'
import type { DockerOptions } from './connection/options.ts'
import { type CallControl, Modem } from './modem/modem.ts'
import { Container, type CreateContainerOptions } from './objects/container.ts'
import { Exec } from './objects/exec.ts'
import { authHeader, Image, type WithAuth } from './objects/image.ts'
import { Network } from './objects/network.ts'
import { Volume } from './objects/volume.ts'
import { type RunOutput, type RunResult, run } from './run.ts'

type Options<N extends RouteName> = CallQueryOf<N> & CallControl

/**
 * An engine's client with dockerode's methods: same names, arguments and results, promises and callbacks. Works
 * against any Docker Engine. Errors are `Failure`s; an engine's answers are `EngineFailure`s.
 */
export class Docker {
  readonly modem: Modem

  constructor(options: DockerOptions = {}) {
    this.modem = new Modem(options)
  }

  /** A container by id or name, unasked. */
  getContainer(id: string): Container {
    return new Container(this.modem, id)
  }

  /** An image by reference or id, unasked. */
  getImage(name: string): Image {
    return new Image(this.modem, name)
  }

  /** A network by id or name, unasked. */
  getNetwork(id: string): Network {
    return new Network(this.modem, id)
  }

  /** A volume by name, unasked. */
  getVolume(name: string): Volume {
    return new Volume(this.modem, name)
  }

  /** An exec by id, unasked. */
  getExec(id: string): Exec {
    return new Exec(this.modem, id)
  }

  /** Creates a container; the engine's warnings are in the result's `warnings`. */
  createContainer(
    options: OptionsOr<CreateContainerOptions, Container>,
    callback?: Callback<Container>,
  ): Promise<Container> {
    return adapt(options, callback, async bag => {
      const created = await this.modem.json('containerCreate', { options: bag })
      return new Container(this.modem, created.Id, created.Warnings ?? [])
    })
  }

  /** Ours, which other engines do not know: as long as this is open, containers that were created with this `maker` are kept unstarted. */
  containerMaker(id: string): Promise<Readable> {
    return this.modem.stream('containerMaker', { params: { id } })
  }

  /** Creates a network. */
  createNetwork(
    options: OptionsOr<NetworkCreateRequest & CallControl, Network>,
    callback?: Callback<Network>,
  ): Promise<Network> {
    return adapt(options, callback, async bag => {
      const created = await this.modem.json('networkCreate', { options: bag })
      return this.getNetwork(created.Id)
    })
  }

  /** Creates a volume, or finds the one of that name: a handle, and what it is (dockerode has given either). */
  createVolume(
    options?: OptionsOr<VolumeCreateRequest & CallControl, Volume & VolumeInspect>,
    callback?: Callback<Volume & VolumeInspect>,
  ): Promise<Volume & VolumeInspect> {
    return adapt(options, callback, async bag => {
      const created = await this.modem.json('volumeCreate', { options: bag })
      return Object.assign(this.getVolume(created.Name), created)
    })
  }

  /** Running containers, with `all` the others too. */
  listContainers(
    options?: OptionsOr<Options<'containerList'>, readonly ContainerSummary[]>,
    callback?: Callback<readonly ContainerSummary[]>,
  ): Promise<readonly ContainerSummary[]> {
    return adapt(options, callback, bag => this.modem.json('containerList', { options: bag }))
  }

  /** Images. */
  listImages(
    options?: OptionsOr<Options<'imageList'>, readonly ImageSummary[]>,
    callback?: Callback<readonly ImageSummary[]>,
  ): Promise<readonly ImageSummary[]> {
    return adapt(options, callback, bag => this.modem.json('imageList', { options: bag }))
  }

  /** Networks. */
  listNetworks(
    options?: OptionsOr<Options<'networkList'>, readonly NetworkInspect[]>,
    callback?: Callback<readonly NetworkInspect[]>,
  ): Promise<readonly NetworkInspect[]> {
    return adapt(options, callback, bag => this.modem.json('networkList', { options: bag }))
  }

  /** Volumes. */
  listVolumes(
    options?: OptionsOr<Options<'volumeList'>, VolumeListResponse>,
    callback?: Callback<VolumeListResponse>,
  ): Promise<VolumeListResponse> {
    return adapt(options, callback, bag => this.modem.json('volumeList', { options: bag }))
  }

  /** Builds an image; a stream of progress lines (`modem.followProgress`). */
  buildImage(
    context: BuildContext,
    options?: OptionsOr<BuildCallOptions, Readable>,
    callback?: Callback<Readable>,
  ): Promise<Readable> {
    return adapt<BuildCallOptions, Readable>(options, callback, async bag =>
      this.modem.stream('build', await buildCall(context, bag)),
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
    return this.modem.json('buildContext', { options, file: body })
  }

  /** Fetches an image, `latest` when no tag is named; a stream of progress lines. */
  pull(
    reference: string,
    options?: OptionsOr<WithAuth<Options<'imagePull'>>, Readable>,
    callback?: Callback<Readable>,
    auth?: AuthConfig,
  ): Promise<Readable> {
    return adapt<WithAuth<Options<'imagePull'>>, Readable>(options, callback, bag =>
      this.createImage(auth ?? bag?.authconfig, { ...bag, ...pullQuery(reference) }),
    )
  }

  /** Shows credentials to their registry. */
  checkAuth(
    options: OptionsOr<AuthConfig & CallControl, AuthResponse>,
    callback?: Callback<AuthResponse>,
  ): Promise<AuthResponse> {
    return adapt(options, callback, bag => this.modem.json('auth', { options: bag }))
  }

  /** Searches a registry, the hub where the term names none. */
  searchImages(
    options: OptionsOr<Options<'imageSearch'>, readonly ImageSearchItem[]>,
    callback?: Callback<readonly ImageSearchItem[]>,
  ): Promise<readonly ImageSearchItem[]> {
    return adapt(options, callback, bag => this.modem.json('imageSearch', { options: bag }))
  }

  /** The endpoint behind `pull`. */
  createImage(
    auth: WithAuth<object>['authconfig'],
    options: Options<'imagePull'>,
    callback?: Callback<Readable>,
  ): Promise<Readable> {
    return adapt<Options<'imagePull'>, Readable>(options, callback, bag =>
      this.modem.stream('imagePull', {
        options: bag,
        ...(auth === undefined ? {} : { headers: authHeader(auth) }),
      }),
    )
  }

  /** Loads the images of an archive: its path, bytes or stream; a stream of progress lines. */
  loadImage(
    file: Archive,
    options?: OptionsOr<Options<'imageLoad'>, Readable>,
    callback?: Callback<Readable>,
  ): Promise<Readable> {
    return adapt<Options<'imageLoad'>, Readable>(options, callback, async bag =>
      this.modem.stream('imageLoad', { options: bag, file: await openArchive(file) }),
    )
  }

  /** Several images as one archive; `names` are theirs. */
  getImages(
    options: OptionsOr<Options<'imagesSave'>, Readable>,
    callback?: Callback<Readable>,
  ): Promise<Readable> {
    return adapt<Options<'imagesSave'>, Readable>(options, callback, bag =>
      this.modem.stream('imagesSave', { options: bag }),
    )
  }

  /** Makes an image of the tar of a file tree; a stream of progress lines. */
  importImage(
    file: Archive,
    options?: OptionsOr<Options<'imagePull'>, Readable>,
    callback?: Callback<Readable>,
  ): Promise<Readable> {
    return adapt<Options<'imagePull'>, Readable>(options, callback, async bag => {
      const query: Options<'imagePull'> = { ...bag, fromSrc: '-' }
      return this.modem.stream('imagePull', { options: query, file: await openArchive(file) })
    })
  }

  /** Runs a command in a new container to its end: `[{ StatusCode }, container]`. */
  run(
    image: string,
    command: readonly string[],
    output?: RunOutput,
    create?: OptionsOr<CreateContainerOptions, RunResult>,
    start?: OptionsOr<Options<'containerStart'>, RunResult>,
    callback?: Callback<RunResult>,
  ): Promise<RunResult> {
    // The callback is the last argument, whatever is left out before it.
    const last = [create, start, callback].find(argument => typeof argument === 'function')
    const request = { image, command, output, create: bagOf(create), start: bagOf(start) }
    return adapt(undefined, last as Callback<RunResult> | undefined, () => run(this, request))
  }

  /** What happens from now on (or `since`), as a stream of JSON lines. */
  getEvents(
    options?: OptionsOr<Options<'events'>, Readable>,
    callback?: Callback<Readable>,
  ): Promise<Readable> {
    return adapt<Options<'events'>, Readable>(options, callback, bag =>
      this.modem.stream('events', { options: bag }),
    )
  }

  /** See `modem.followProgress`. */
  followProgress(...args: Parameters<Modem['followProgress']>): void {
    this.modem.followProgress(...args)
  }

  /** Is anybody there: `OK`. */
  ping(options?: OptionsOr<CallControl, string>, callback?: Callback<string>): Promise<string> {
    return adapt(options, callback, async bag =>
      (await this.modem.buffer('ping', { options: bag })).toString(),
    )
  }

  /** The engine's version. */
  version(
    options?: OptionsOr<CallControl, VersionResponse>,
    callback?: Callback<VersionResponse>,
  ): Promise<VersionResponse> {
    return adapt(options, callback, bag => this.modem.json('version', { options: bag }))
  }

  /** What the engine says of itself and of its host. */
  info(
    options?: OptionsOr<CallControl, InfoResponse>,
    callback?: Callback<InfoResponse>,
  ): Promise<InfoResponse> {
    return adapt(options, callback, bag => this.modem.json('info', { options: bag }))
  }

  /** Ours, which other engines do not know: what all containers use that pass the filters. */
  statsOfAll(
    options?: OptionsOr<Options<'statsOfAll'>, readonly LabelledStats[]>,
    callback?: Callback<readonly LabelledStats[]>,
  ): Promise<readonly LabelledStats[]> {
    return adapt(options, callback, bag => this.modem.json('statsOfAll', { options: bag }))
  }

  /** What takes room on the disk. */
  df(
    options?: OptionsOr<Options<'diskUsage'>, DiskUsageResponse>,
    callback?: Callback<DiskUsageResponse>,
  ): Promise<DiskUsageResponse> {
    return adapt(options, callback, bag => this.modem.json('diskUsage', { options: bag }))
  }

  /** Removes containers that have ended. */
  pruneContainers(
    options?: OptionsOr<Options<'containerPrune'>, ContainerPruneResponse>,
    callback?: Callback<ContainerPruneResponse>,
  ): Promise<ContainerPruneResponse> {
    return adapt(options, callback, bag => this.modem.json('containerPrune', { options: bag }))
  }

  /** Removes images that nobody names. */
  pruneImages(
    options?: OptionsOr<Options<'imagePrune'>, ImagePruneResponse>,
    callback?: Callback<ImagePruneResponse>,
  ): Promise<ImagePruneResponse> {
    return adapt(options, callback, bag => this.modem.json('imagePrune', { options: bag }))
  }

  /** Removes what builds have cached. */
  pruneBuilder(
    options?: OptionsOr<Options<'buildPrune'>, BuildPruneResponse>,
    callback?: Callback<BuildPruneResponse>,
  ): Promise<BuildPruneResponse> {
    return adapt(options, callback, bag => this.modem.json('buildPrune', { options: bag }))
  }

  /** Removes networks that nobody is on. */
  pruneNetworks(
    options?: OptionsOr<Options<'networkPrune'>, NetworkPruneResponse>,
    callback?: Callback<NetworkPruneResponse>,
  ): Promise<NetworkPruneResponse> {
    return adapt(options, callback, bag => this.modem.json('networkPrune', { options: bag }))
  }

  /** Removes anonymous volumes that nobody uses. */
  pruneVolumes(
    options?: OptionsOr<Options<'volumePrune'>, VolumePruneResponse>,
    callback?: Callback<VolumePruneResponse>,
  ): Promise<VolumePruneResponse> {
    return adapt(options, callback, bag => this.modem.json('volumePrune', { options: bag }))
  }
}

function bagOf<O>(value: OptionsOr<O, RunResult>): O | undefined {
  return typeof value === 'function' ? undefined : (value as O | undefined)
}

/** The query of a pull: a digest travels as the tag; without either `latest`, for no tag at all means every one. */
export function pullQuery(reference: string): { readonly fromImage: string; readonly tag: string } {
  const at = reference.indexOf('@')
  if (at >= 0) return { fromImage: reference.slice(0, at), tag: reference.slice(at + 1) }
  const { name, tag = 'latest' } = splitReference(reference)
  return { fromImage: name, tag }
}
