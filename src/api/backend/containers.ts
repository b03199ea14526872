import type { Readable } from 'node:stream'
import type {
  ArchiveDownload,
  ArchiveUploadOptions,
  AttachOptions,
  AttachSession,
  ContainerCreateOptions,
  ContainerCreateRequest,
  ContainerCreateResponse,
  ContainerInspect,
  ContainerInspectOptions,
  ContainerKillOptions,
  ContainerListOptions,
  ContainerPruneResponse,
  ContainerRemoveOptions,
  ContainerStartOptions,
  ContainerStats,
  ContainerStatsOptions,
  ContainerStopOptions,
  ContainerStopResult,
  ContainerSummary,
  ContainerTopResponse,
  ContainerUpdateRequest,
  ContainerUpdateResponse,
  ContainerWaiter,
  DnsLogEntry,
  Drift,
  FilesystemChange,
  Filters,
  LabelledStats,
  LogOptions,
  LogStream,
  PathStat,
  PlannedContainer,
  Refusal,
  RepairRequest,
  StatsOfAllOptions,
  TerminalSize,
  UploadedTar,
  WaitCondition,
  WantedDrift,
} from '../types/index.ts'

/**
 * What the container routes need of an engine. `id` is an id, an unambiguous prefix of one, or a name. Everything
 * throws `Failure`: `notFound`, `conflict`, `invalidArgument`, `notModified` (started already, stopped already) …
 * What streams rejects before its first byte when it can (the client then sees a status), and throws while iterating
 * afterwards. `signal` is aborted when the client has gone.
 */
export interface ContainerBackend {
  create(body: ContainerCreateRequest, options: ContainerCreateOptions): Promise<ContainerCreateResponse>
  /** Ours: a maker is there until `signal` is aborted. */
  stayMaker(id: string, signal: AbortSignal): AsyncIterable<never>
  list(options: ContainerListOptions): Promise<readonly ContainerSummary[]>
  /** Ours: the ids of what a list with these filters has; `all`: of those that do not run, too. */
  idsOf(filters: Filters, all: boolean): Promise<readonly string[]>
  inspect(id: string, options: ContainerInspectOptions): Promise<ContainerInspect>
  /** Ours: what of it plans are made from. */
  planned(id: string, drift: WantedDrift): Promise<PlannedContainer>
  /** Ours: what the kernel has otherwise. */
  drift(id: string): Promise<readonly Drift[]>
  /** Ours: resolves when the kernel is being asked for all whose drift is wanted by now. */
  beingLookedAt(): Promise<void>
  start(id: string, options: ContainerStartOptions): Promise<void>
  /** Gives a result only when there is something to say. */
  stop(id: string, options: ContainerStopOptions): Promise<ContainerStopResult | undefined>
  restart(id: string, options: ContainerStopOptions): Promise<void>
  kill(id: string, signal: string | undefined, options: ContainerKillOptions): Promise<void>
  pause(id: string): Promise<void>
  unpause(id: string): Promise<void>
  rename(id: string, name: string): Promise<void>
  update(id: string, body: ContainerUpdateRequest): Promise<ContainerUpdateResponse>
  /** Ours: puts right in the kernel what has drifted at these paths, while it runs. REPAIR_FAILED. */
  repair(id: string, request: RepairRequest): Promise<void>
  /**
   * Ours: has a container that runs beside the one whose place it is to take have the names and ports of that one, which keeps its connections.
   * RELIEF_IMPOSSIBLE, RELIEF_NOT_LISTENING.
   */
  relieve(id: string): Promise<void>
  /** Ours: resolves when nobody is connected to one that was relieved, or after so many seconds; undefined: its grace period. */
  drain(id: string, seconds: number | undefined): Promise<void>
  remove(id: string, options: ContainerRemoveOptions): Promise<void>
  /** Forgets that the container calls another `alias`. */
  unlink(id: string, alias: string): Promise<void>
  wait(id: string, condition: WaitCondition, signal: AbortSignal): Promise<ContainerWaiter>
  logs(id: string, options: LogOptions, signal: AbortSignal): Promise<LogStream>
  attach(id: string, options: AttachOptions): Promise<AttachSession>
  resize(id: string, size: TerminalSize): Promise<void>
  /** `psArgs` as for `ps(1)`; empty: `-ef`. */
  top(id: string, psArgs: string): Promise<ContainerTopResponse>
  /** One sample a second; with `stream: false` one alone, with `oneShot` without waiting for a second reading. */
  stats(
    id: string,
    options: ContainerStatsOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ContainerStats>>
  /** Ours: where it was kept from going. */
  refused(id: string): Promise<readonly Refusal[]>
  /** Ours: what it asks its resolver, until `signal` is aborted. */
  dnsLog(id: string, signal: AbortSignal): Promise<AsyncIterable<DnsLogEntry>>
  /** Ours: one sample of each container that passes the filters. */
  statsOfAll(options: StatsOfAllOptions): Promise<readonly LabelledStats[]>
  changes(id: string): Promise<readonly FilesystemChange[]>
  statPath(id: string, path: string): Promise<PathStat>
  getArchive(id: string, path: string, signal: AbortSignal): Promise<ArchiveDownload>
  /** `tar` is already decompressed. Works before the first start too. */
  putArchive(id: string, options: ArchiveUploadOptions, tar: UploadedTar): Promise<void>
  /** The whole root as a tar. */
  export(id: string, signal: AbortSignal): Promise<Readable>
  prune(filters: Filters): Promise<ContainerPruneResponse>
}
