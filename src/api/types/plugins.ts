/** A right that a plugin asks for: a network mode, a mount, a device, capabilities. */
export interface PluginPrivilege {
  readonly Name: string
  readonly Description: string
  readonly Value: readonly string[]
}

/** `GET /plugins/{name}/json`. */
export interface PluginInspect {
  readonly Id?: string
  readonly Name: string
  readonly Enabled: boolean
  readonly Settings: {
    readonly Mounts: readonly object[]
    readonly Env: readonly string[]
    readonly Args: readonly string[]
    readonly Devices: readonly object[]
  }
  readonly PluginReference?: string
  /** What its image says of it. */
  readonly Config: Readonly<Record<string, unknown>>
}
