import type {
  DiskUsageResponse,
  DiskUsageType,
  EngineVersion,
  EventMessage,
  EventsOptions,
  InfoResponse,
  KernelStir,
  OpenSocket,
} from '../types/index.ts'

/** What the system routes need of an engine. */
export interface SystemBackend {
  version(): Promise<EngineVersion>
  info(): Promise<InfoResponse>
  /** Resolves when what the engine makes, starts or removes now with these labels (`name`, `name=value`) is done, or has failed. */
  settled(labels: readonly string[]): Promise<void>
  /** Ends at `until` or when the client goes. Everything that happens after this has resolved is given. */
  events(options: EventsOptions, signal: AbortSignal): Promise<AsyncIterable<EventMessage>>
  /** One each time that what has drifted of a project may be other than before, the first at once; ends when the client goes. */
  stirs(project: string, signal: AbortSignal): AsyncIterable<KernelStir>
  /** Whether what drifts of a project's containers, and of its networks, is put right as it goes. */
  mend(project: string, isOn: boolean): Promise<void>
  /** What services of a project's file are called that have no container: nobody else answers to that. An error for what is no project's name. */
  tellNames(project: string, names: readonly string[]): Promise<void>
  /** Those of the project whose label (`name=value`) is among these; undefined: none were told. */
  namesTold(labels: readonly string[]): readonly string[] | undefined
  /** Resolves when the client of this connection has read all that it was sent: true; false where that can't be known, as of one behind a gateway. */
  untilRead(connection: OpenSocket): Promise<boolean>
  /** Empty `types`: all. */
  diskUsage(types: readonly DiskUsageType[]): Promise<DiskUsageResponse>
}
