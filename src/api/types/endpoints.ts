/** How a container is joined to one network: wanted (in requests) and, in an inspect, what it got. */
export interface EndpointSettings {
  readonly IPAMConfig?: EndpointIPAMConfig | undefined
  readonly Links?: readonly string[] | undefined
  readonly MacAddress?: string | undefined
  readonly Aliases?: readonly string[] | undefined
  readonly DriverOpts?: Readonly<Record<string, string>> | undefined
  /** The highest takes the default route. */
  readonly GwPriority?: number | undefined
  /** The rest is the engine's answer. */
  readonly NetworkID?: string | undefined
  readonly EndpointID?: string | undefined
  readonly Gateway?: string | undefined
  readonly IPAddress?: string | undefined
  readonly IPPrefixLen?: number | undefined
  readonly IPv6Gateway?: string | undefined
  readonly GlobalIPv6Address?: string | undefined
  readonly GlobalIPv6PrefixLen?: number | undefined
  readonly DNSNames?: readonly string[] | undefined
}

/** Fixed addresses. */
export interface EndpointIPAMConfig {
  readonly IPv4Address?: string | undefined
  readonly IPv6Address?: string | undefined
  readonly LinkLocalIPs?: readonly string[] | undefined
}

/** Network name or id → endpoint. */
export interface NetworkingConfig {
  readonly EndpointsConfig?: Readonly<Record<string, EndpointSettings>> | undefined
}
