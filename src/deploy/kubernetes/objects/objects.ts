import type { Metadata, Quantities, Selector, Texts } from './metadata.ts'
import type { Pod } from './pod.ts'

interface Template {
  readonly metadata: Pick<Metadata, 'labels' | 'annotations'>
  readonly spec: Pod
}

interface Rolling {
  readonly maxSurge?: number
  readonly maxUnavailable?: number
}

export interface Deployment {
  readonly apiVersion: 'apps/v1'
  readonly kind: 'Deployment'
  readonly metadata: Metadata
  readonly spec: {
    readonly replicas: number
    readonly selector: Selector
    readonly minReadySeconds?: number
    readonly strategy?: { readonly type: 'RollingUpdate' | 'Recreate'; readonly rollingUpdate?: Rolling }
    readonly template: Template
  }
}

export interface StatefulSet {
  readonly apiVersion: 'apps/v1'
  readonly kind: 'StatefulSet'
  readonly metadata: Metadata
  readonly spec: {
    readonly replicas: number
    readonly serviceName: string
    readonly selector: Selector
    readonly minReadySeconds?: number
    readonly template: Template
  }
}

export interface DaemonSet {
  readonly apiVersion: 'apps/v1'
  readonly kind: 'DaemonSet'
  readonly metadata: Metadata
  readonly spec: {
    readonly selector: Selector
    readonly minReadySeconds?: number
    readonly updateStrategy?: { readonly type: 'RollingUpdate'; readonly rollingUpdate: Rolling }
    readonly template: Template
  }
}

export interface Job {
  readonly apiVersion: 'batch/v1'
  readonly kind: 'Job'
  readonly metadata: Metadata
  readonly spec: {
    readonly backoffLimit: number
    readonly completions?: number
    readonly parallelism?: number
    readonly template: Template
  }
}

export type Workload = Deployment | StatefulSet | DaemonSet | Job

export interface ServicePort {
  readonly name: string
  readonly port: number
  readonly targetPort: number
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly nodePort?: number
  readonly appProtocol?: string
}

export interface ServiceObject {
  readonly apiVersion: 'v1'
  readonly kind: 'Service'
  readonly metadata: Metadata
  readonly spec: {
    readonly type?: 'LoadBalancer' | 'NodePort'
    readonly clusterIP?: 'None'
    readonly selector: Texts
    readonly ports?: readonly ServicePort[]
  }
}

export interface ConfigMap {
  readonly apiVersion: 'v1'
  readonly kind: 'ConfigMap'
  readonly metadata: Metadata
  readonly data?: Texts
  readonly binaryData?: Texts
}

/** `data` is in base64: nobody prints an object of this kind. */
export interface SecretObject {
  readonly apiVersion: 'v1'
  readonly kind: 'Secret'
  readonly metadata: Metadata
  readonly type: 'Opaque'
  readonly data: Texts
}

export type AccessMode = 'ReadWriteOnce' | 'ReadWriteMany' | 'ReadOnlyMany' | 'ReadWriteOncePod'

export interface Claim {
  readonly apiVersion: 'v1'
  readonly kind: 'PersistentVolumeClaim'
  readonly metadata: Metadata
  readonly spec: {
    readonly accessModes: readonly AccessMode[]
    readonly storageClassName?: string
    readonly resources: { readonly requests: Quantities }
  }
}

export interface Ingress {
  readonly apiVersion: 'networking.k8s.io/v1'
  readonly kind: 'Ingress'
  readonly metadata: Metadata
  readonly spec: {
    readonly ingressClassName?: string
    readonly tls?: readonly { readonly secretName: string; readonly hosts?: readonly string[] }[]
    readonly rules: readonly {
      readonly host?: string
      readonly http: {
        readonly paths: readonly {
          readonly path: string
          readonly pathType: 'Prefix'
          readonly backend: {
            readonly service: { readonly name: string; readonly port: { readonly number: number } }
          }
        }[]
      }
    }[]
  }
}

export interface HttpRoute {
  readonly apiVersion: 'gateway.networking.k8s.io/v1'
  readonly kind: 'HTTPRoute'
  readonly metadata: Metadata
  readonly spec: {
    readonly parentRefs: readonly { readonly name: string; readonly namespace?: string }[]
    readonly hostnames?: readonly string[]
    readonly rules: readonly {
      readonly matches: readonly { readonly path: { readonly type: 'PathPrefix'; readonly value: string } }[]
      readonly backendRefs: readonly { readonly name: string; readonly port: number }[]
    }[]
  }
}

export interface PolicyPort {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly port: number
  readonly endPort?: number
}

/** Who is at the other end: all that is given must fit. */
export interface PolicyPeer {
  readonly podSelector?: Selector
  readonly namespaceSelector?: Selector
  readonly ipBlock?: { readonly cidr: string }
}

export interface NetworkPolicy {
  readonly apiVersion: 'networking.k8s.io/v1'
  readonly kind: 'NetworkPolicy'
  readonly metadata: Metadata
  readonly spec: {
    readonly podSelector: Selector
    readonly policyTypes: readonly ('Ingress' | 'Egress')[]
    readonly ingress?: readonly {
      readonly from?: readonly PolicyPeer[]
      readonly ports?: readonly PolicyPort[]
    }[]
    readonly egress?: readonly {
      readonly to?: readonly PolicyPeer[]
      readonly ports?: readonly PolicyPort[]
    }[]
  }
}

export interface Namespace {
  readonly apiVersion: 'v1'
  readonly kind: 'Namespace'
  readonly metadata: Metadata
}

export interface ServiceAccount {
  readonly apiVersion: 'v1'
  readonly kind: 'ServiceAccount'
  readonly metadata: Metadata
  readonly automountServiceAccountToken: false
}

export interface Role {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1'
  readonly kind: 'Role'
  readonly metadata: Metadata
  readonly rules: readonly {
    readonly apiGroups: readonly string[]
    readonly resources: readonly string[]
    readonly verbs: readonly string[]
  }[]
}

export interface RoleBinding {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1'
  readonly kind: 'RoleBinding'
  readonly metadata: Metadata
  readonly roleRef: { readonly apiGroup: string; readonly kind: 'Role'; readonly name: string }
  readonly subjects: readonly {
    readonly kind: 'ServiceAccount'
    readonly name: string
    readonly namespace: string
  }[]
}

/** All that a project becomes in a cluster. Only fields that Compose has something to say of. */
export type KubernetesObject =
  | Namespace
  | Workload
  | ServiceObject
  | ConfigMap
  | SecretObject
  | Claim
  | Ingress
  | HttpRoute
  | NetworkPolicy
  | ServiceAccount
  | Role
  | RoleBinding
