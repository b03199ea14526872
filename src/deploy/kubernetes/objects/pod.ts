import type { Quantities, Texts } from './metadata.ts'

/** A variable of a container; `$(` in a value is expanded unless it is written `$$(`. */
export interface EnvVar {
  readonly name: string
  readonly value: string
}

export interface ContainerPort {
  readonly name?: string
  readonly containerPort: number
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
}

/** How Kubernetes asks a container whether it works; times in whole seconds. */
export interface Probe {
  readonly exec?: { readonly command: readonly string[] }
  readonly tcpSocket?: { readonly port: number; readonly host?: string }
  readonly httpGet?: {
    readonly port: number
    readonly path: string
    readonly host?: string
    readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[]
  }
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  readonly failureThreshold: number
}

export interface ContainerSecurity {
  readonly privileged?: boolean
  readonly allowPrivilegeEscalation?: boolean
  readonly readOnlyRootFilesystem?: boolean
  readonly runAsNonRoot?: boolean
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] }
  readonly seccompProfile?: { readonly type: 'RuntimeDefault' | 'Unconfined' }
  readonly seLinuxOptions?: Texts
}

export interface VolumeMount {
  readonly name: string
  readonly mountPath: string
  readonly readOnly?: boolean
  readonly subPath?: string
  readonly mountPropagation?: string
}

export interface Handler {
  readonly exec: { readonly command: readonly string[] }
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never'
  /** Takes the place of the image's entrypoint. */
  readonly command?: readonly string[]
  /** Takes the place of the image's command. */
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly env?: readonly EnvVar[]
  readonly ports?: readonly ContainerPort[]
  readonly stdin?: boolean
  readonly tty?: boolean
  readonly startupProbe?: Probe
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
  readonly lifecycle?: { readonly postStart?: Handler; readonly preStop?: Handler }
  readonly resources?: { readonly limits?: Quantities; readonly requests?: Quantities }
  readonly securityContext?: ContainerSecurity
  readonly volumeMounts?: readonly VolumeMount[]
}

/** One key of a ConfigMap or Secret as a file. */
export interface KeyToPath {
  readonly key: string
  readonly path: string
  readonly mode?: number
}

/** A part of a projected volume: what a container needs to speak with the API server. */
export type Projection =
  | { readonly serviceAccountToken: { readonly path: string; readonly expirationSeconds: number } }
  | { readonly configMap: { readonly name: string; readonly items: readonly KeyToPath[] } }
  | {
      readonly downwardAPI: {
        readonly items: readonly {
          readonly path: string
          readonly fieldRef: { readonly fieldPath: string }
        }[]
      }
    }

/** A volume of a pod: exactly one source. */
export interface PodVolume {
  readonly name: string
  readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean }
  readonly emptyDir?: { readonly medium?: 'Memory'; readonly sizeLimit?: string }
  readonly configMap?: {
    readonly name: string
    readonly items?: readonly KeyToPath[]
    readonly defaultMode?: number
  }
  readonly secret?: {
    readonly secretName: string
    readonly items?: readonly KeyToPath[]
    readonly defaultMode?: number
  }
  readonly hostPath?: { readonly path: string; readonly type?: string }
  readonly image?: { readonly reference: string; readonly pullPolicy?: string }
  readonly projected?: { readonly sources: readonly Projection[] }
}

/** One condition on a label of a node. */
export interface NodeRequirement {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists'
  readonly values?: readonly string[]
}

export interface Affinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution: {
      readonly nodeSelectorTerms: readonly { readonly matchExpressions: readonly NodeRequirement[] }[]
    }
  }
  readonly podAntiAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution: readonly {
      readonly labelSelector: { readonly matchLabels: Texts }
      readonly topologyKey: string
    }[]
  }
}

export interface SpreadConstraint {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly whenUnsatisfiable: 'ScheduleAnyway' | 'DoNotSchedule'
  readonly labelSelector: { readonly matchLabels: Texts }
}

/** What all containers of a pod may do. */
export interface PodSecurity {
  readonly seccompProfile?: { readonly type: 'RuntimeDefault' }
  readonly supplementalGroups?: readonly number[]
  readonly fsGroup?: number
  readonly fsGroupChangePolicy?: 'OnRootMismatch'
  readonly sysctls?: readonly { readonly name: string; readonly value: string }[]
}

/** How names are looked up. */
export interface DnsConfig {
  readonly nameservers?: readonly string[]
  readonly searches?: readonly string[]
  readonly options?: readonly { readonly name: string; readonly value?: string }[]
}

/** The `spec` of a pod, as far as Compose has something to say of it. */
export interface Pod {
  readonly automountServiceAccountToken: boolean
  readonly enableServiceLinks: boolean
  readonly serviceAccountName?: string
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  readonly terminationGracePeriodSeconds?: number
  readonly hostname?: string
  readonly hostNetwork?: boolean
  readonly hostPID?: boolean
  readonly hostIPC?: boolean
  readonly shareProcessNamespace?: boolean
  readonly runtimeClassName?: string
  readonly dnsPolicy?: 'ClusterFirst' | 'ClusterFirstWithHostNet'
  readonly dnsConfig?: DnsConfig
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames: readonly string[] }[]
  readonly imagePullSecrets?: readonly { readonly name: string }[]
  readonly nodeSelector?: Texts
  readonly affinity?: Affinity
  readonly topologySpreadConstraints?: readonly SpreadConstraint[]
  readonly securityContext?: PodSecurity
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes?: readonly PodVolume[]
}
