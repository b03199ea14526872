import type { Duplex, Readable } from 'node:stream'
import type {
  ContainerPruneResponse,
  ContainerSummary,
  DiskUsageResponse,
  InfoResponse,
  LabelledStats,
  NetworkInspect,
  NetworkPruneResponse,
  SameSnapshot,
  SavedSnapshot,
  Snapshot,
  SnapshotOutcome,
  TraceAnswer,
  VersionResponse,
  VolumeInspect,
  VolumeListResponse,
  VolumePruneResponse,
} from '../api/types/index.ts'
import { readableProgress } from './building/build-trace.ts'
import type { CallControl, Options } from './calls/call.ts'
import { type Args, settle } from './calls/callback.ts'
import type { ModemOptions } from './connection/options.ts'
import { ImageCalls } from './image-calls.ts'
import { Modem } from './modem/modem.ts'
import { followProgress } from './modem/progress.ts'
import { Config } from './objects/config.ts'
import { Container, type CreateContainerOptions } from './objects/container.ts'
import { Exec } from './objects/exec.ts'
import { Image } from './objects/image.ts'
import { Network } from './objects/network.ts'
import { Node } from './objects/node.ts'
import { Plugin } from './objects/plugin.ts'
import { Secret } from './objects/secret.ts'
import { Service } from './objects/service.ts'
import { Task } from './objects/task.ts'
import { Volume } from './objects/volume.ts'
import {
  type RunCallback,
  type RunEmitter,
  type RunOutput,
  type RunRequest,
  type RunResult,
  run,
  runWithCallback,
} from './run.ts'

/** Of a client: how its engine is reached, or who makes its calls. */
export interface DockerOptions extends ModemOptions {
  /** The kind of promise that calls give. */
  readonly Promise?: PromiseConstructor | undefined
  /** Makes the calls in the place of one of our own: docker-modem, or whatever has its `dial`. */
  readonly modem?: object | undefined
}

type CreateOptions = CreateContainerOptions
type StartOptions = Options<'containerStart'>

/**
 * An engine's client with dockerode's methods: same names, arguments, results and errors, promises and callbacks. Works against any
 * Docker Engine. An engine's answers that are errors are `EngineFailure`s.
 */
export class Docker extends ImageCalls {
  static readonly Container: typeof Container = Container
  static readonly Image: typeof Image = Image
  static readonly Volume: typeof Volume = Volume
  static readonly Network: typeof Network = Network
  static readonly Service: typeof Service = Service
  static readonly Plugin: typeof Plugin = Plugin
  static readonly Secret: typeof Secret = Secret
  static readonly Config: typeof Config = Config
  static readonly Task: typeof Task = Task
  static readonly Node: typeof Node = Node
  static readonly Exec: typeof Exec = Exec

  constructor(options: DockerOptions | null = {}) {
    const { modem, Promise: Promised = globalThis.Promise, ...rest } = options ?? {}
    super((modem as Modem | undefined) ?? new Modem(rest))
    this.modem.Promise = Promised
  }

  /** A container by id or name, unasked. */
  getContainer(id: string): Container {
    return new Container(this.modem, id)
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
  createContainer(...args: Args<CreateOptions, Container>): Promise<Container> {
    return this.work(args, async options => {
      const created = await this.value('containerCreate', options)
      return new Container(this.modem, created.Id, created.Warnings ?? [])
    })
  }

  /** Ours, which other engines do not know: as long as this is open, containers that were created with this `maker` are kept unstarted. */
  containerMaker(id: string): Promise<Readable> {
    return this.stream('containerMaker', {}, { params: { id } })
  }

  /** Creates a network; what the engine warns of is the result's `warning`. */
  createNetwork(...args: Args<Options<'networkCreate'>, Network>): Promise<Network> {
    return this.work(args, async options => {
      const created = await this.value('networkCreate', options)
      return new Network(this.modem, created.Id, created.Warning)
    })
  }

  /** Creates a volume, or finds the one of that name: a handle, and what it is (dockerode has given either). */
  createVolume(
    ...args: Args<Options<'volumeCreate'>, Volume & VolumeInspect>
  ): Promise<Volume & VolumeInspect> {
    return this.work<Options<'volumeCreate'>, Volume & VolumeInspect>(args, async options => {
      const created = await this.value('volumeCreate', options)
      return Object.assign(this.getVolume(created.Name), created)
    })
  }

  /** Running containers, with `all` the others too. */
  listContainers(
    ...args: Args<Options<'containerList'>, readonly ContainerSummary[]>
  ): Promise<readonly ContainerSummary[]> {
    return this.ask('containerList', args)
  }

  /** Networks. */
  listNetworks(
    ...args: Args<Options<'networkList'>, readonly NetworkInspect[]>
  ): Promise<readonly NetworkInspect[]> {
    return this.ask('networkList', args)
  }

  /** Volumes. */
  listVolumes(...args: Args<Options<'volumeList'>, VolumeListResponse>): Promise<VolumeListResponse> {
    return this.ask('volumeList', args)
  }

  /**
   * Runs a command in a new container to its end. By promise: `[{ StatusCode }, container]`. With a callback as the last argument,
   * whatever is left out before it, it gives an emitter that tells of `container`, `stream`, `start` and `data`.
   */
  run(
    image: string,
    command: readonly string[] | undefined,
    output: RunOutput,
    create: CreateOptions | undefined,
    start: StartOptions | undefined,
    callback: RunCallback,
  ): RunEmitter
  run(
    image: string,
    command: readonly string[] | undefined,
    output: RunOutput,
    create: CreateOptions | undefined,
    callback: RunCallback,
  ): RunEmitter
  run(
    image: string,
    command: readonly string[] | undefined,
    output: RunOutput,
    callback: RunCallback,
  ): RunEmitter
  run(
    image: string,
    command?: readonly string[],
    output?: RunOutput,
    create?: CreateOptions,
    start?: StartOptions,
  ): Promise<RunResult>
  run(
    image: string,
    command?: readonly string[],
    output?: RunOutput,
    create?: CreateOptions | RunCallback,
    start?: StartOptions | RunCallback,
    callback?: RunCallback,
  ): RunEmitter | Promise<RunResult> {
    const last = [create, start, callback].find(argument => typeof argument === 'function')
    const request: RunRequest = { image, command, output, create: bagOf(create), start: bagOf(start) }
    if (last !== undefined) return runWithCallback(this, request, last as RunCallback)
    return settle(this.modem.Promise, undefined, () => run(this, request))
  }

  /** `run` with a callback, by dockerode's name for it. */
  runCallback(
    image: string,
    command: readonly string[] | undefined,
    output: RunOutput,
    create: CreateOptions | RunCallback | undefined,
    start?: StartOptions | RunCallback,
    callback?: RunCallback,
  ): RunEmitter {
    return this.run(
      image,
      command,
      output,
      create as CreateOptions,
      start as StartOptions,
      callback as RunCallback,
    )
  }

  /** `run` by promise, by dockerode's name for it. */
  runPromise(
    image: string,
    command?: readonly string[],
    output?: RunOutput,
    create?: CreateOptions,
    start?: StartOptions,
  ): Promise<RunResult> {
    return this.run(image, command, output, create, start)
  }

  /** What happens from now on (or `since`), as a stream of JSON lines. */
  getEvents(...args: Args<Options<'events'>, Readable>): Promise<Readable> {
    return this.open('events', args)
  }

  /** As `modem.followProgress`, with what BuildKit says of a build made readable: its lines come as those of the classic builder. */
  followProgress(...[stream, onFinished, onProgress]: Parameters<Modem['followProgress']>): void {
    followProgress(stream, onFinished, onProgress, readableProgress)
  }

  /** Is anybody there: `OK`, as a buffer. */
  ping(...args: Args<CallControl, Buffer>): Promise<Buffer> {
    return this.work(args, options => this.bytes('ping', options))
  }

  /** The engine's version. */
  version(...args: Args<CallControl, VersionResponse>): Promise<VersionResponse> {
    return this.ask('version', args)
  }

  /** What the engine says of itself and of its host. */
  info(...args: Args<CallControl, InfoResponse>): Promise<InfoResponse> {
    return this.ask('info', args)
  }

  /** Ours, which other engines do not know: what all containers use that pass the filters. */
  statsOfAll(
    ...args: Args<Options<'statsOfAll'>, readonly LabelledStats[]>
  ): Promise<readonly LabelledStats[]> {
    return this.ask('statsOfAll', args)
  }

  /** Ours, which other engines do not know: each thing that passes the filters, or is named, in one answer; where that has the tag that was given, no more than this. */
  snapshot(...args: Args<Options<'snapshot'>, Snapshot | SameSnapshot>): Promise<Snapshot | SameSnapshot> {
    return this.ask('snapshot', args)
  }

  /**
   * Ours, which other engines do not know: runs a command in the one running container that has these labels, and gives its streams, in
   * frames with a terminal, too; `ExecTold` is told among them. The call is taken to be the client's last.
   */
  execIn(...args: Args<Options<'execIn'>, Duplex>): Promise<Duplex> {
    return this.work(args, options => this.duplex('execIn', options, { hijack: true, isLast: true }))
  }

  /** Ours: snapshots of a project's data, or of all projects'. */
  listSnapshots(
    ...args: Args<Options<'savedList'>, readonly SavedSnapshot[]>
  ): Promise<readonly SavedSnapshot[]> {
    return this.ask('savedList', args)
  }

  /** Ours: keeps the data of a project as it is now. */
  saveSnapshot(...args: Args<Options<'savedSave'>, SnapshotOutcome>): Promise<SnapshotOutcome> {
    return this.ask('savedSave', args)
  }

  /** Ours: puts it back. */
  restoreSnapshot(...args: Args<Options<'savedRestore'>, SnapshotOutcome>): Promise<SnapshotOutcome> {
    return this.ask('savedRestore', args)
  }

  /** Ours: forgets it. */
  async removeSnapshot(project: string, name: string): Promise<void> {
    await this.value('savedRemove', {}, { params: { project, name } })
  }

  /** Ours, which other engines do not know: a JSON line each time that what has drifted of a project may be other than before. */
  kernelStirs(project: string): Promise<Readable> {
    return this.stream('kernelStirs', {}, { params: { id: project } })
  }

  /** Ours: whether the engine puts right what drifts of a project, as it goes. */
  async mendProject(project: string, on: boolean): Promise<void> {
    const query: Options<'projectMend'> = { on }
    await this.value('projectMend', query, { params: { id: project } })
  }

  /** Ours: what services of the project's file are called that have no container, so that nobody else answers to it. */
  async tellNames(project: string, names: readonly string[]): Promise<void> {
    const options: Options<'projectNames'> = { Names: names }
    await this.value('projectNames', options, { params: { id: project } })
  }

  /** Ours: the engine records what it does from now on. */
  traceBegin(...args: Args<CallControl, void>): Promise<void> {
    return this.ask('traceBegin', args)
  }

  /** Ours: what the engine has recorded, of what began since then (microseconds since 1970). */
  traceEnd(...args: Args<Options<'traceEnd'>, TraceAnswer>): Promise<TraceAnswer> {
    return this.ask('traceEnd', args)
  }

  /** What takes room on the disk. */
  df(...args: Args<Options<'diskUsage'>, DiskUsageResponse>): Promise<DiskUsageResponse> {
    return this.ask('diskUsage', args)
  }

  /** Removes containers that have ended. */
  pruneContainers(
    ...args: Args<Options<'containerPrune'>, ContainerPruneResponse>
  ): Promise<ContainerPruneResponse> {
    return this.ask('containerPrune', args)
  }

  /** Removes networks that nobody is on. */
  pruneNetworks(...args: Args<Options<'networkPrune'>, NetworkPruneResponse>): Promise<NetworkPruneResponse> {
    return this.ask('networkPrune', args)
  }

  /** Removes anonymous volumes that nobody uses. */
  pruneVolumes(...args: Args<Options<'volumePrune'>, VolumePruneResponse>): Promise<VolumePruneResponse> {
    return this.ask('volumePrune', args)
  }
}

function bagOf<O extends object>(value: O | RunCallback | undefined): O | undefined {
  return typeof value === 'function' ? undefined : (value as O | undefined)
}
