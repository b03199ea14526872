/** An object of a swarm: known by its id, and changed by naming the version that is meant. */
export interface SwarmObject {
  readonly ID: string
  readonly Version: ObjectVersion
  readonly CreatedAt: string
  readonly UpdatedAt: string
}

export interface ObjectVersion {
  readonly Index: number
}

type Labels = Readonly<Record<string, string>>

/** Name and settings of a plugin that a swarm uses. */
export interface SwarmDriver {
  readonly Name?: string | undefined
  readonly Options?: Labels | undefined
}

/** How a swarm is run. */
export interface SwarmSpec {
  readonly Name?: string | undefined
  readonly Labels?: Labels | undefined
  readonly Orchestration?: { readonly TaskHistoryRetentionLimit?: number | undefined } | undefined
  readonly Raft?:
    | {
        readonly SnapshotInterval?: number | undefined
        readonly KeepOldSnapshots?: number | undefined
        readonly LogEntriesForSlowFollowers?: number | undefined
        readonly ElectionTick?: number | undefined
        readonly HeartbeatTick?: number | undefined
      }
    | undefined
  /** Nanoseconds. */
  readonly Dispatcher?: { readonly HeartbeatPeriod?: number | undefined } | undefined
  readonly CAConfig?:
    | {
        /** Nanoseconds. */
        readonly NodeCertExpiry?: number | undefined
        readonly ExternalCAs?: readonly object[] | undefined
        readonly SigningCACert?: string | undefined
        readonly SigningCAKey?: string | undefined
        readonly ForceRotate?: number | undefined
      }
    | undefined
  readonly EncryptionConfig?: { readonly AutoLockManagers?: boolean | undefined } | undefined
  readonly TaskDefaults?: { readonly LogDriver?: SwarmDriver | undefined } | undefined
}

/** `GET /swarm`. */
export interface SwarmInspect extends SwarmObject {
  readonly Spec: SwarmSpec
  readonly TLSInfo: TlsInfo
  readonly RootRotationInProgress: boolean
  readonly DataPathPort: number
  readonly DefaultAddrPool: readonly string[]
  readonly SubnetSize: number
  readonly JoinTokens: { readonly Worker: string; readonly Manager: string }
}

export interface TlsInfo {
  readonly TrustRoot?: string
  readonly CertIssuerSubject?: string
  readonly CertIssuerPublicKey?: string
}

/** Body of `POST /swarm/init`. */
export interface SwarmInitRequest {
  readonly ListenAddr?: string | undefined
  readonly AdvertiseAddr?: string | undefined
  readonly DataPathAddr?: string | undefined
  readonly DataPathPort?: number | undefined
  readonly DefaultAddrPool?: readonly string[] | undefined
  readonly ForceNewCluster?: boolean | undefined
  readonly SubnetSize?: number | undefined
  readonly Spec?: SwarmSpec | undefined
}

/** Body of `POST /swarm/join`. */
export interface SwarmJoinRequest {
  readonly ListenAddr?: string | undefined
  readonly AdvertiseAddr?: string | undefined
  readonly DataPathAddr?: string | undefined
  readonly RemoteAddrs?: readonly string[] | undefined
  readonly JoinToken?: string | undefined
}

/** What a node is to be. */
export interface NodeSpec {
  readonly Name?: string | undefined
  readonly Labels?: Labels | undefined
  readonly Role?: 'worker' | 'manager' | undefined
  readonly Availability?: 'active' | 'pause' | 'drain' | undefined
}

/** `GET /nodes/{id}`. */
export interface NodeInspect extends SwarmObject {
  readonly Spec: NodeSpec
  readonly Description: {
    readonly Hostname: string
    readonly Platform: { readonly Architecture: string; readonly OS: string }
    readonly Resources: { readonly NanoCPUs: number; readonly MemoryBytes: number }
    readonly Engine: {
      readonly EngineVersion: string
      readonly Labels?: Labels
      readonly Plugins?: readonly { readonly Type: string; readonly Name: string }[]
    }
    readonly TLSInfo?: TlsInfo
  }
  readonly Status: { readonly State: string; readonly Message?: string; readonly Addr: string }
  readonly ManagerStatus?: {
    readonly Leader?: boolean
    readonly Reachability: string
    readonly Addr: string
  }
}

/** What a secret is made of; `Data` is base64. */
export interface SecretSpec {
  readonly Name?: string | undefined
  readonly Labels?: Labels | undefined
  readonly Data?: string | undefined
  readonly Driver?: SwarmDriver | undefined
  readonly Templating?: SwarmDriver | undefined
}

/** `GET /secrets/{id}`: never with its data. */
export interface SecretInspect extends SwarmObject {
  readonly Spec: SecretSpec
}

/** What a config is made of; `Data` is base64. */
export interface ConfigSpec {
  readonly Name?: string | undefined
  readonly Labels?: Labels | undefined
  readonly Data?: string | undefined
  readonly Templating?: SwarmDriver | undefined
}

/** `GET /configs/{id}`. */
export interface ConfigInspect extends SwarmObject {
  readonly Spec: ConfigSpec
}

/** What creating an object of a swarm answers. */
export interface SwarmObjectCreated {
  readonly ID: string
}
