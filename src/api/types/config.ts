/**
 * What a container runs: the part of a container's configuration that does not depend on the host.
 * Wire spelling is Docker's. A `null` on the wire means absent: the server drops it before anybody sees it.
 */
export interface ContainerConfig {
  readonly Hostname?: string | undefined
  readonly Domainname?: string | undefined
  /** `user[:group]`, names or numbers. */
  readonly User?: string | undefined
  readonly AttachStdin?: boolean | undefined
  readonly AttachStdout?: boolean | undefined
  readonly AttachStderr?: boolean | undefined
  /** `80/tcp` → `{}`. */
  readonly ExposedPorts?: Readonly<Record<string, EmptyObject>> | undefined
  readonly Tty?: boolean | undefined
  readonly OpenStdin?: boolean | undefined
  /** Closes stdin when the first attached client goes. */
  readonly StdinOnce?: boolean | undefined
  /** `NAME=value`; a bare `NAME` removes the image's. */
  readonly Env?: readonly string[] | undefined
  readonly Cmd?: readonly string[] | undefined
  readonly Healthcheck?: HealthConfig | undefined
  readonly ArgsEscaped?: boolean | undefined
  /** Reference, id or prefix of an id. */
  readonly Image?: string | undefined
  /** Path in the container → `{}`: anonymous volumes. */
  readonly Volumes?: Readonly<Record<string, EmptyObject>> | undefined
  readonly WorkingDir?: string | undefined
  /** An empty array resets the image's. */
  readonly Entrypoint?: readonly string[] | undefined
  readonly NetworkDisabled?: boolean | undefined
  readonly MacAddress?: string | undefined
  readonly OnBuild?: readonly string[] | undefined
  readonly Labels?: Readonly<Record<string, string>> | undefined
  /** `SIGTERM`, `TERM` or a number as text. */
  readonly StopSignal?: string | undefined
  /** Seconds; −1 waits for ever. */
  readonly StopTimeout?: number | undefined
  readonly Shell?: readonly string[] | undefined
}

/** Go's `struct{}`: a key without a value. */
export type EmptyObject = Readonly<Record<string, never>>

/** A probe; durations are nanoseconds, 0 or absent inherits (then Docker's defaults hold: 30 s, 30 s, 0 s, 5 s, 3). */
export interface HealthConfig {
  /**
   * `[]` inherits, `['NONE']` turns off, `['CMD', …]`, `['CMD-SHELL', command]`. Ours: `['PROBE', kind, text]`, which the engine
   * asks by itself (`parseProbe`); Docker takes it for no check.
   */
  readonly Test?: readonly string[] | undefined
  readonly Interval?: number | undefined
  readonly Timeout?: number | undefined
  readonly StartPeriod?: number | undefined
  readonly StartInterval?: number | undefined
  readonly Retries?: number | undefined
}
