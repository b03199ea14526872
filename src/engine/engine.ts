import { join } from 'node:path'
import type { Backend } from '../api/backend/backend.ts'
import { type Diagnostic, failure, messageOf } from '../diagnostics/index.ts'
import { nativeTrees, openImageStore, unpackInWorkers } from '../image/index.ts'
import { KeyedMutex } from '../linux/keyed-mutex.ts'
import { acquireLock, type ProcessLock } from '../linux/process-lock.ts'
import { Turns } from '../linux/turns.ts'
import type { Native } from '../native/index.ts'
import { Firewall, type FirewallOptions, firewallNetworks, Shortcut } from '../network/index.ts'
import { parseSwitch } from '../notation/index.ts'
import { adoptContainers } from './adopt/adopt.ts'
import { repairLeftovers } from './adopt/repair.ts'
import { Builds } from './backend/builds.ts'
import { Containers } from './backend/containers.ts'
import { Execs } from './backend/exec.ts'
import { ImageArchives } from './backend/image-archives.ts'
import { Images } from './backend/images.ts'
import { Networks } from './backend/networks.ts'
import { Snapshots } from './backend/snapshots.ts'
import { System } from './backend/system.ts'
import { Volumes } from './backend/volumes.ts'
import { everybody } from './cgroup/index.ts'
import { heldAddresses, hostAccessOf } from './endpoints/addresses.ts'
import { tellShortcut } from './endpoints/shortcut.ts'
import { EventBus } from './events/bus.ts'
import { FrontDoor } from './front/front-door.ts'
import { IdRanges, RANGES_FOLDER } from './groups/id-ranges.ts'
import { UserNamespaces } from './groups/user-namespaces.ts'
import { parseUserNamespaces, trialFolders } from './groups/user-settings.ts'
import { imageBudget } from './images/budget.ts'
import { followFiles } from './kernel/followed-files.ts'
import { Looks } from './kernel/looks.ts'
import { Mender } from './kernel/mender.ts'
import { KernelEvents } from './kernel/watch.ts'
import { NamesWriter } from './names/names-writer.ts'
import { releaseDefaultBridge } from './networks/undo.ts'
import { UserDatabases } from './rootfs/user-databases.ts'
import { type Host, observeHost } from './runtime/index.ts'
import { finishEarly, resumeSnapshots } from './snapshots/resume.ts'
import { ContainerTable } from './state/container-table.ts'
import type { EngineContext } from './state/context.ts'
import { makeFolders } from './state/folders.ts'
import { Holds } from './state/holds.ts'
import { loadContainers } from './state/load-containers.ts'
import { Makers } from './state/makers.ts'
import { NetworkTable } from './state/network-table.ts'
import { withNotices } from './state/notices.ts'
import { type EnginePaths, enginePaths } from './state/paths.ts'
import { SnapshotTable } from './state/snapshot-table.ts'
import { Unfinished } from './state/unfinished.ts'
import { imageUsers } from './state/uses.ts'
import { VolumeTable } from './state/volume-table.ts'

export interface EngineOptions {
  /** State that survives a reboot: `/var/lib/tscompose`. */
  readonly root: string
  /** Sockets and locks: `/run/tscompose`. */
  readonly run: string
  readonly native: Native
  /** Path of the program that unpacks layers in processes of its own (bin/start.cjs); absent: the engine's own thread does. */
  readonly unpacker?: string
  /** Aborted when the engine is about to end: processes that only wait for work go. */
  readonly ending?: AbortSignal
  /** What images may take on disk before those that nobody uses go, `20GB`; absent or empty: any number of bytes. */
  readonly imagesMax?: string
  /** Keeps the packed bytes of layers that are pulled: `true`. */
  readonly keepPacked?: string
  /** `project`: each project's containers are in a user namespace of theirs. Empty or `host`: in the host's. */
  readonly userNamespaces?: string
  /** `false`: containers see the machine's clocks of how long it runs. */
  readonly ownClocks?: string
  /** `false`: instances have no names at localhost, whose ports are left to others. */
  readonly localNames?: string
  /** Version that `GET /version` answers. */
  readonly version?: string
  /** When it was built, in RFC 3339, for the same. */
  readonly buildTime?: string
  /** What went wrong without stopping anything: records set aside, limits that this machine cannot keep. */
  readonly onWarning?: (warning: Diagnostic) => void
  /** For tests: the machine, and what the firewall is given. */
  readonly host?: Host
  readonly onTable?: FirewallOptions['onTable']
}

/** A running engine. */
export class Engine implements Backend {
  readonly containers: Containers
  readonly exec: Execs
  readonly images: Images
  readonly imageArchives: ImageArchives
  readonly build: Builds
  readonly networks: Networks
  readonly volumes: Volumes
  readonly snapshots: Snapshots
  readonly system: System
  readonly #context: EngineContext
  readonly #lock: ProcessLock
  readonly #closing: AbortController
  readonly #mender: Mender

  constructor(context: EngineContext, lock: ProcessLock, closing: AbortController) {
    this.#context = context
    this.#lock = lock
    this.#closing = closing
    this.#mender = new Mender(context)
    this.containers = new Containers(context, this.#mender)
    this.exec = new Execs(context)
    this.images = new Images(context)
    this.imageArchives = new ImageArchives(context)
    this.build = new Builds(context)
    this.networks = new Networks(context, this.#mender)
    this.volumes = new Volumes(context)
    this.snapshots = new Snapshots(context)
    this.system = new System(context, this.#mender, () => this.build.keptContexts())
  }

  /** Goes on with what an earlier engine was asked to mend. */
  mend(): void {
    this.#mender.renew()
  }

  /** No container runs or waits for a restart, and nothing is being made: the process may end. */
  idle(): boolean {
    const busy = [...this.#context.containers.values()].some(
      each => each.holdsAddresses || each.removing || each.returning !== undefined,
    )
    return !busy && this.#context.locks.idle && this.exec.running === 0 && this.build.running === 0
  }

  /** Whether RUN is this engine's still, which somebody may have removed and another engine made anew. */
  hasRun(): boolean {
    return this.#lock.isHeld()
  }

  /**
   * Removes what stands for the next container alone, which there is not to be. Before `close`, and while the native program can
   * be asked; an engine that is killed leaves it to the next.
   */
  async retire(): Promise<void> {
    for (const step of [() => releaseDefaultBridge(this.#context), () => this.build.retire()]) {
      try {
        await step()
      } catch (error) {
        this.#context.warn({ severity: 'warning', code: 'REPAIR', summary: messageOf(error) })
      }
    }
    this.endProcesses()
  }

  /** Those that are in the engine's control group, which could not be removed with them. */
  endProcesses(): void {
    this.#context.firewall.close()
  }

  /** Lets go of monitors and of the lock; containers run on. */
  async close(): Promise<void> {
    await this.retire()
    this.#closing.abort()
    this.#context.localNames.close()
    for (const container of this.#context.containers.values()) {
      container.health?.stop()
      container.live?.connection.close()
    }
    await this.#context.userNamespaces.sweep({ all: true })
    this.#context.host.cgroups.close()
    this.#lock.release()
  }
}

/**
 * Takes the lock of `run` (ENGINE_RUNNING when a living engine has it), reads the records, adopts what runs, applies
 * restart policies after a reboot, and repairs networks and firewall where they are missing.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const paths = enginePaths(options.root, options.run)
  makeFolders(paths, options.onWarning ?? ((): void => {}))
  const lock = acquireLock(join(paths.run, 'engine.lock'), pid => running(paths.run, pid))
  try {
    const closing = new AbortController()
    const context = await makeContext(options, paths, closing.signal)
    // Files first: records tell what they say.
    const intent = finishEarly(context)
    const loaded = [context.networks, context.volumes, context.snapshots].flatMap(table => table.load())
    for (const warning of loaded) context.warn(warning)
    const { warnings, leftovers } = loadContainers(paths, context.containers)
    for (const warning of warnings) context.warn(warning)
    context.host.cgroups.followHomes(id => context.containers.find(id)?.terms.group)
    await adoptContainers(context, { afterCrash: lock.inherited })
    await context.localNames.follow()
    await context.userNamespaces.sweep()
    void resumeSnapshots(context, intent)
    void repairLeftovers(context, leftovers, closing.signal)
    const engine = new Engine(context, lock, closing)
    engine.mend()
    followFiles(context)
    return engine
  } catch (error) {
    lock.release()
    throw error
  }
}

async function makeContext(
  options: EngineOptions,
  paths: ReturnType<typeof enginePaths>,
  closing: AbortSignal,
): Promise<EngineContext> {
  const containers = new ContainerTable()
  const networks = new NetworkTable(paths)
  const [holds, events, turns] = [new Holds(), new EventBus(), new Turns()]
  const warn = withNotices(paths, options.onWarning ?? ((): void => {}))
  const images = await openImageStore({
    root: join(paths.root, 'images'),
    trees: nativeTrees(options.native),
    ...(options.unpacker === undefined ? {} : { unpack: unpackInWorkers(options.unpacker, options.ending) }),
    onWarning: warn,
    usersOf: imageId => imageUsers({ containers, holds }, imageId),
    keepPacked: parseSwitch(options.keepPacked ?? '') ?? false,
    ...imageBudget(options.imagesMax ?? '', { containers, events, warn }),
  })
  const host =
    options.host ??
    observeHost({ engineId: paths.engineId, ownClocks: parseSwitch(options.ownClocks ?? '') ?? true })
  const shortcut = new Shortcut({ group: everybody(), onMap: () => tellAll(context) })
  const context: EngineContext = {
    paths,
    version: options.version ?? '0.0.0',
    ...(options.buildTime === undefined ? {} : { buildTime: options.buildTime }),
    native: options.native,
    looks: new Looks(options.native),
    watch: new KernelEvents({ native: options.native, containers, networks, host, paths, warn }),
    host,
    images,
    containers,
    networks,
    volumes: new VolumeTable(paths),
    snapshots: new SnapshotTable(paths),
    firewall: firewallOf(options, paths, { containers, networks, shortcut, warn }),
    shortcut,
    localNames: frontDoorOf(options, { paths, host, containers, warn }),
    names: new NamesWriter(paths, { containers, networks, turns, warn }),
    users: new UserDatabases(options.native, images),
    userNamespaces: new UserNamespaces({
      native: options.native,
      ranges: new IdRanges({ folder: RANGES_FOLDER, root: paths.root }),
      containers,
      wanted: parseUserNamespaces(options.userNamespaces ?? '', warn),
      trial: trialFolders(paths, host.kernel),
      warn,
    }),
    events,
    holds,
    makers: new Makers(),
    unfinished: new Unfinished(),
    turns,
    locks: new KeyedMutex(),
    closing,
    warn,
  }
  return context
}

function frontDoorOf(
  { native, localNames = '' }: EngineOptions,
  { paths, ...rest }: Pick<EngineContext, 'paths' | 'host' | 'containers' | 'warn'>,
): FrontDoor {
  return new FrontDoor({ ...rest, run: paths.run, native, wanted: parseSwitch(localNames) ?? true })
}

/** Nobody waits: a monitor that does not answer holds up nobody else. */
function tellAll(engine: EngineContext): void {
  for (const container of engine.containers.values())
    tellShortcut(engine, container).catch(error =>
      engine.warn({ severity: 'warning', code: 'REPAIR', summary: messageOf(error) }),
    )
}

function firewallOf(
  { native, onTable }: EngineOptions,
  { engineId, root }: EnginePaths,
  {
    containers,
    networks,
    shortcut,
    warn,
  }: Pick<EngineContext, 'containers' | 'networks' | 'warn'> & { readonly shortcut: Shortcut },
): Firewall {
  return new Firewall({
    engineId,
    owner: root,
    state: () => {
      const all = [...containers.values()]
      const names = new Map(
        all.flatMap(({ published, record }) => published.map(port => [port, record.name])),
      )
      return {
        networks: firewallNetworks(networks.standing()),
        published: [...names.keys()],
        draining: all.flatMap(each => each.draining),
        hostAccess: all.flatMap(hostAccessOf),
        nameOf: port => names.get(port),
      }
    },
    held: () => heldAddresses(containers, networks),
    shortcut,
    native,
    warn,
    ...(onTable === undefined ? {} : { onTable }),
  })
}

function running(run: string, pid: number): Error {
  return failure({
    code: 'ENGINE_RUNNING',
    kind: 'conflict',
    summary: `engine of "${run}" already runs as process ${pid}`,
  })
}
