import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { BuildClient } from '../../api/backend/build-client.ts'
import type { BuildBackend } from '../../api/backend/builds.ts'
import type {
  ClientCaches,
  ContextPlace,
  DockerfileReport,
  FurtherPlace,
  ImageConfigAnswer,
  Solved,
  SolveListener,
  SolveRequest,
  WantedImage,
} from '../../api/backend/solves.ts'
import type {
  BuildContextAnswer,
  BuildPruneOptions,
  BuildPruneResponse,
  ImageBuildOptions,
  ProgressMessage,
} from '../../api/types/index.ts'
import {
  type BuildContext,
  BuildMessages,
  type BuildOptions,
  build,
  ClientFolder,
  type ContextSpace,
  checkBuild,
  type FurtherContext,
  type HeldContext,
  KeptContexts,
  nativeTrees,
  readManifest,
  reportBuild,
  solveBuild,
} from '../../image/index.ts'
import { AsyncQueue } from '../../linux/async-queue.ts'
import { emulatedArchitectures } from '../../linux/binfmt.ts'
import { type CredentialSource, configName } from '../../oci/credentials.ts'
import { parsePlatform } from '../../oci/platform.ts'
import { BuildRecordFiles } from '../builds/build-records.ts'
import { namespaceRunner } from '../builds/runner.ts'
import { builtOf, solvedOf } from '../builds/solved.ts'
import { StepGroups } from '../builds/step-groups.ts'
import { tellImage } from '../events/image-event.ts'
import type { EngineContext } from '../state/context.ts'
import { ulimitsTerm } from '../terms/ulimits.ts'
import { checkFilters, untilFilter } from '../words/filters.ts'

/** Builds of images, and the cache of their steps. */
export class Builds implements BuildBackend {
  readonly #engine: EngineContext
  readonly #contexts: KeptContexts
  readonly #groups: StepGroups
  readonly records: BuildRecordFiles
  #running = 0

  constructor(engine: EngineContext) {
    this.#engine = engine
    this.#groups = new StepGroups(engine.host.cgroups)
    this.records = new BuildRecordFiles(join(engine.paths.root, 'builds'))
    this.#contexts = new KeptContexts(join(engine.images.root, 'contexts'), nativeTrees(engine.native))
  }

  /** Removes what stands for steps to come, before the engine ends. */
  async retire(): Promise<void> {
    await this.#groups.close()
  }

  /** Builds that run now. */
  get running(): number {
    return this.#running
  }

  async build(
    context: Readable,
    options: ImageBuildOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ProgressMessage>> {
    const kept = options.context === undefined ? undefined : await this.#contexts.hold(options.context)
    if (options.check) return this.#check({ context, kept }, options, signal)
    const queue = new AsyncQueue<ProgressMessage>()
    const tagged: ProgressMessage[] = []
    const messages = new BuildMessages()
    const names: string[] = []
    this.#running += 1
    const building = build({
      ...this.#optionsOf(sourceOf(context, kept, options.remote), options),
      signal,
      onEvent: event => {
        if (event.type !== 'tagged') {
          for (const message of messages.of(event)) queue.push(message)
          return
        }
        // Clients read the image's id first, then its names, as Docker tells them.
        tagged.push(...messages.of(event))
        names.push(event.reference)
      },
    })
    void building
      .then(
        ({ imageId }) => {
          queue.push({ stream: `Successfully built ${imageId.replace('sha256:', '').slice(0, 12)}\n` })
          for (const message of tagged) queue.push(message)
          for (const name of names) tellImage(this.#engine, 'tag', imageId, name)
          queue.end()
        },
        error => {
          for (const message of messages.begin()) queue.push(message)
          queue.end(error)
        },
      )
      .finally(() => {
        kept?.release()
        this.#running -= 1
      })
    return queue
  }

  async *#check(
    { context, kept }: { readonly context: Readable; readonly kept: HeldContext | undefined },
    options: ImageBuildOptions,
    signal: AbortSignal,
  ): AsyncGenerator<ProgressMessage> {
    try {
      await checkBuild({ ...this.#optionsOf(sourceOf(context, kept, options.remote), options), signal })
    } finally {
      kept?.release()
    }
    yield { stream: 'Check complete, no warnings found.\n' }
  }

  async solve(
    request: SolveRequest,
    client: BuildClient,
    listener: SolveListener,
    signal: AbortSignal,
  ): Promise<Solved> {
    this.#running += 1
    try {
      const built = await solveBuild(this.#solveOptions(request, client, listener, signal))
      return solvedOf(this.#engine.images, built)
    } finally {
      this.#running -= 1
    }
  }

  async imageConfig(
    reference: string,
    { platform, isFresh }: WantedImage,
    client: BuildClient,
    signal: AbortSignal,
  ): Promise<ImageConfigAnswer> {
    const { id } = await this.#engine.images.ensure(reference, {
      policy: isFresh ? 'always' : 'missing',
      credentials: credentialsOf(client),
      signal,
      ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
    })
    return { id, bytes: await this.#engine.images.configBytes(id) }
  }

  report(
    request: SolveRequest,
    client: BuildClient,
    listener: SolveListener,
    signal: AbortSignal,
  ): Promise<DockerfileReport> {
    return reportBuild(this.#solveOptions(request, client, listener, signal))
  }

  #solveOptions(
    { options, context, dockerfiles, contexts, clientCaches }: SolveRequest,
    client: BuildClient,
    listener: SolveListener,
    signal: AbortSignal,
  ): BuildOptions {
    const folder = (name: string): ClientFolder => new ClientFolder(this.#contexts, client.folder(name))
    const place = (it: FurtherPlace): FurtherContext => {
      if ('folder' in it) return { client: folder(it.folder) }
      if (!('solved' in it)) return it
      const [built] = builtOf(it.solved).configs
      return built === undefined ? { image: 'scratch' } : { built }
    }
    const own = this.#optionsOf(contextOf(context, folder), {
      ...options,
      tags: [],
      contexts: {},
      quiet: false,
    })
    return {
      ...own,
      ...withClientCaches(own, clientCaches, client),
      contexts: Object.fromEntries(Object.entries(contexts).map(([name, it]) => [name, place(it)])),
      client,
      credentials: credentialsOf(client),
      signal,
      onDockerfile: file => listener.dockerfile(file),
      onEvent: event => {
        if (event.type === 'trace') listener.trace(event.trace)
        if (event.type === 'tagged') this.#publishTag(event.reference)
      },
      ...(dockerfiles === undefined ? {} : { dockerfiles: folder(dockerfiles) }),
    }
  }

  #publishTag(reference: string): void {
    this.#engine.events.publish({
      type: 'image',
      action: 'tag',
      id: reference,
      attributes: { name: reference },
    })
  }

  checkContext(manifest: unknown): Promise<BuildContextAnswer> {
    return this.#contexts.check(readManifest(manifest))
  }

  async fillContext(manifest: unknown, tar: Readable, signal: AbortSignal): Promise<BuildContextAnswer> {
    return { missing: [], token: await this.#contexts.fill(readManifest(manifest), tar, signal) }
  }

  /** What builds keep of their contexts. */
  keptContexts(): Promise<readonly ContextSpace[]> {
    return this.#contexts.usage()
  }

  async pruneCache({ filters, keepBytes }: BuildPruneOptions): Promise<BuildPruneResponse> {
    checkFilters(filters, ['until', 'unused-for', 'id'])
    const unusedSince = untilFilter({ until: filters['until'] ?? filters['unused-for'] ?? [] })
    const ids = filters['id']
    const { deleted, reclaimed } = await this.#engine.images.pruneCache({
      ...(unusedSince === undefined ? {} : { unusedSince }),
      ...(ids === undefined ? {} : { ids }),
      ...(keepBytes === undefined || keepBytes === 0 ? {} : { keepBytes }),
    })
    // A kept context is no step: it has no id, and its bytes have a budget of their own.
    const meansSteps = ids !== undefined || (keepBytes ?? 0) > 0
    const contexts = meansSteps ? 0 : await this.#contexts.prune(unusedSince)
    return { CachesDeleted: deleted, SpaceReclaimed: reclaimed + contexts }
  }

  #optionsOf(context: BuildContext, options: ImageBuildOptions): BuildOptions {
    return {
      store: this.#engine.images,
      runner: namespaceRunner(this.#engine, this.#groups),
      trees: nativeTrees(this.#engine.native),
      context,
      dockerfile: options.dockerfile,
      tags: options.tags,
      noCache: options.noCache,
      pull: options.pull,
      args: argumentsOf(options.buildArgs),
      labels: options.labels,
      secrets: options.secrets,
      contexts: options.contexts,
      secretOwners: options.secretOwners,
      noCacheFilter: options.noCacheFilter,
      entitlements: options.entitlements,
      ssh: options.sshAgents,
      cacheFrom: [
        ...options.cacheFrom.map(reference => ({ type: 'image', reference }) as const),
        ...options.cacheSources,
      ],
      cacheTo: options.cacheTargets,
      sbom: options.sbom,
      emulated: emulatedArchitectures(),
      traced: options.traced,
      ...(options.provenance === undefined ? {} : { provenance: options.provenance }),
      ...(options.provenanceInline ? { provenanceInline: true } : {}),
      credentials: async domain => options.auth[configName(domain)] ?? options.auth[domain],
      extraHosts: options.extraHosts,
      ulimits: ulimitsTerm.read({ Ulimits: options.ulimits }),
      ...(options.platform ? { platforms: options.platform.split(',').map(each => each.trim()) } : {}),
      ...(options.target ? { target: options.target } : {}),
      ...(options.networkMode ? { network: options.networkMode } : {}),
      ...(options.memory ? { memory: options.memory } : {}),
      ...(options.shmSize ? { shmSize: options.shmSize } : {}),
    }
  }
}

/** Who a client is to registries; whoever does not say it may fetch tokens itself. */
function credentialsOf(client: BuildClient): CredentialSource {
  return async domain =>
    (await client.credentials(domain)) ?? { fetchToken: wanted => client.token(domain, wanted) }
}

/** The caches of a build with those that its client has, which come last. */
function withClientCaches(
  { cacheFrom = [], cacheTo = [] }: Pick<BuildOptions, 'cacheFrom' | 'cacheTo'>,
  { from, to }: ClientCaches = { from: [], to: [] },
  client: BuildClient,
): Pick<BuildOptions, 'cacheFrom' | 'cacheTo'> {
  const before = new Map(from.map(({ store, digest }) => [store, digest]))
  return {
    cacheFrom: [
      ...cacheFrom,
      ...from.map(
        ({ store, folder, digest }) =>
          ({ type: 'client', folder, digest, store: client.store(store) }) as const,
      ),
    ],
    cacheTo: [
      ...cacheTo,
      ...to.map(({ store, ...target }) => {
        const known = before.get(store)
        const its = { type: 'client', ...target, store: client.store(store) } as const
        return known === undefined ? its : { ...its, before: known }
      }),
    ],
  }
}

function sourceOf(stream: Readable, kept: HeldContext | undefined, address: string = ''): BuildContext {
  if (address !== '') return { type: 'address', address }
  return kept === undefined ? { type: 'tar', stream } : { type: 'kept', stream, kept }
}

function contextOf(context: ContextPlace, folder: (name: string) => ClientFolder): BuildContext {
  if ('folder' in context) return { type: 'client', folder: folder(context.folder) }
  if ('address' in context) return { type: 'address', address: context.address }
  return { type: 'tar', stream: context.tar }
}

/** A `null` value takes the predefined one: the engine's own proxy settings, which is all that is predefined. */
function argumentsOf(given: ImageBuildOptions['buildArgs']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      const known = value ?? process.env[name]
      return known === undefined ? [] : [[name, known]]
    }),
  )
}
