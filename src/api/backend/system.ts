import type {
  DiskUsageResponse,
  DiskUsageType,
  EngineVersion,
  EventMessage,
  EventsOptions,
  InfoResponse,
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
  /** Resolves when the client of this connection has read all that it was sent: true; false where that can't be known, as of one behind a gateway. */
  untilRead(connection: OpenSocket): Promise<boolean>
  /** Empty `types`: all. */
  diskUsage(types: readonly DiskUsageType[]): Promise<DiskUsageResponse>
}
