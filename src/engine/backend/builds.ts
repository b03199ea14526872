import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { BuildBackend } from '../../api/backend/builds.ts'
import type {
  BuildContextAnswer,
  BuildPruneOptions,
  BuildPruneResponse,
  ImageBuildOptions,
  ProgressMessage,
} from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import {
  type BuildContext,
  type BuildOptions,
  build,
  buildMessageOf,
  type ContextSpace,
  checkBuild,
  type HeldContext,
  KeptContexts,
  nativeTrees,
  readManifest,
} from '../../image/index.ts'
import { AsyncQueue } from '../../linux/async-queue.ts'
import { emulatedArchitectures } from '../../linux/binfmt.ts'
import { configName } from '../../oci/credentials.ts'
import { namespaceRunner } from '../builds/runner.ts'
import { keepingDefaultBridge } from '../networks/default-bridge.ts'
import type { EngineContext } from '../state/context.ts'
import { ulimitsTerm } from '../terms/ulimits.ts'
import { checkFilters, untilFilter } from '../words/filters.ts'

/** Builds of images, and the cache of their steps. */
export class Builds implements BuildBackend {
  readonly #engine: EngineContext
  readonly #contexts: KeptContexts
  #running = 0

  constructor(engine: EngineContext) {
    this.#engine = engine
    this.#contexts = new KeptContexts(join(engine.images.root, 'contexts'), nativeTrees(engine.native))
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
    if (options.remote) {
      throw failure({
        code: 'BUILD_REMOTE',
        kind: 'notImplemented',
        summary: `build of the remote context "${options.remote}" is not supported: send the context as a tar`,
      })
    }
    const kept = options.context === undefined ? undefined : await this.#contexts.hold(options.context)
    if (options.check) return this.#check({ context, kept }, options, signal)
    const queue = new AsyncQueue<ProgressMessage>()
    const tagged: ProgressMessage[] = []
    this.#running += 1
    const building = keepingPlaces(this.#engine, () =>
      build({
        ...this.#optionsOf(sourceOf(context, kept), options),
        signal,
        onEvent: event => {
          if (event.type !== 'tagged') {
            queue.push(buildMessageOf(event))
            return
          }
          // Clients read the image's id first, then its names, as Docker tells them.
          tagged.push(buildMessageOf(event))
          this.#engine.events.publish({
            type: 'image',
            action: 'tag',
            id: event.reference,
            attributes: { name: event.reference },
          })
        },
      }),
    )
    void building
      .then(
        ({ imageId }) => {
          queue.push({ stream: `Successfully built ${imageId.replace('sha256:', '').slice(0, 12)}\n` })
          for (const message of tagged) queue.push(message)
          queue.end()
        },
        error => queue.end(error),
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
      await checkBuild({ ...this.#optionsOf(sourceOf(context, kept), options), signal })
    } finally {
      kept?.release()
    }
    yield { stream: 'Check complete, no warnings found.\n' }
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
      runner: namespaceRunner(this.#engine),
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

/** What the steps of a build stand upon stays between two of them. */
function keepingPlaces<T>(engine: EngineContext, task: () => Promise<T>): Promise<T> {
  return engine.host.cgroups.keeping(() => keepingDefaultBridge(engine, task))
}

function sourceOf(stream: Readable, kept: HeldContext | undefined): BuildContext {
  return kept === undefined ? { type: 'tar', stream } : { type: 'kept', stream, kept }
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
