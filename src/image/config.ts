/** Health check of an image; durations in nanoseconds, as the OCI config and the Engine API write them. */
export interface HealthConfig {
  /** `['NONE']`, `['CMD', …]` or `['CMD-SHELL', line]`. */
  readonly Test?: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}

/** What a container of the image starts with; wire spelling of the OCI image configuration. */
export interface ContainerConfig {
  readonly Env?: readonly string[]
  readonly Cmd?: readonly string[] | null
  readonly Entrypoint?: readonly string[] | null
  readonly WorkingDir?: string
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>
  readonly Labels?: Readonly<Record<string, string>>
  readonly StopSignal?: string
  readonly Healthcheck?: HealthConfig
  /** Shell of the shell forms of RUN, CMD and ENTRYPOINT, from SHELL. */
  readonly Shell?: readonly string[]
  /** Instructions that a build FROM this image runs first. */
  readonly OnBuild?: readonly string[]
  /** Whether Cmd is the shell form written out, so that it is shown and inherited as such. */
  readonly ArgsEscaped?: boolean
}

/** One line of `docker history`. */
export interface HistoryEntry {
  /** RFC 3339. */
  readonly created: string
  readonly created_by: string
  readonly comment?: string
  /** True when the step made no layer. */
  readonly empty_layer?: boolean
}

/** The OCI image configuration, whose bytes' digest is the image's id. */
export interface ImageConfig {
  readonly architecture: string
  readonly os: string
  readonly variant?: string
  readonly author?: string
  readonly created: string
  readonly config: ContainerConfig
  /** Bottom first, `sha256:…` each. */
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] }
  readonly history: readonly HistoryEntry[]
}
