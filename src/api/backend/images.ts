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
} from '../types/index.ts'

/** What the image routes need of an engine. `name` is a reference, an id or a prefix of one. */
export interface ImageBackend {
  list(options: ImageListOptions): Promise<readonly ImageSummary[]>
  /** `platform`: JSON as the API has it; of a name with images for several the one for it. `manifests`: with a row for each of those. */
  inspect(name: string, platform: string | undefined, manifests: boolean): Promise<ImageInspect>
  history(name: string, platform: string | undefined): Promise<readonly ImageHistoryItem[]>
  /** What a container of it would have at each path, before anything is mounted; links are followed, null is nothing. */
  statPaths(name: string, paths: readonly string[]): Promise<readonly (PathStat | null)[]>
  /** Fails as a start would that runs as this user with these groups more: USER_INVALID, USER_UNKNOWN, GROUP_UNKNOWN. */
  checkUser(name: string, user: string, groups: readonly string[]): Promise<void>
  /** A failure after the first message is thrown while iterating; the server turns it into an `errorDetail` line. */
  pull(options: ImagePullOptions, signal: AbortSignal): Promise<AsyncIterable<ProgressMessage>>
  push(name: string, options: ImagePushOptions, signal: AbortSignal): Promise<AsyncIterable<ProgressMessage>>
  /** What the registry has for a name, asked there. */
  distribution(name: string, auth: AuthConfig | undefined, signal: AbortSignal): Promise<DistributionInspect>
  search(options: ImageSearchOptions): Promise<readonly ImageSearchItem[]>
  /** Shows credentials to their registry; what is to be kept of them. */
  logIn(auth: AuthConfig, signal: AbortSignal): Promise<AuthResponse>
  tag(name: string, repository: string, tag: string): Promise<void>
  remove(name: string, options: ImageRemoveOptions): Promise<readonly ImageDeleteItem[]>
  prune(filters: Filters): Promise<ImagePruneResponse>
}
