// Made of the table ../attributes/kubernetes.ts by `npm run build`: change that.
import type { ByteSize, Extensions, Strings } from '../values.ts'

/** What becomes of bind mounts in a cluster. */
export type KubernetesBinds = 'content' | 'node' | 'none'

/** What keeps pods of a service. */
export type KubernetesKind = 'deployment' | 'stateful-set' | 'daemon-set' | 'job'

/** How published ports are reached from outside of a cluster. */
export type KubernetesPublish = 'load-balancer' | 'node-port' | 'ingress' | 'gateway' | 'none'

/** `services.*.x-tscompose-kubernetes`: what a service becomes in Kubernetes, where Compose cannot say it. */
export interface KubernetesService extends Extensions {
  /** Annotations of its pods, for tools of the cluster. */
  readonly annotations?: Strings
  /** What becomes of bind mounts: content, small files go along; node, paths of the nodes; none. */
  readonly binds?: KubernetesBinds
  /** Gateway that its route is part of, [NAMESPACE/]NAME. */
  readonly gateway?: string
  /** Host name of its route. */
  readonly host?: string
  /** Secrets with credentials of registries, by name. */
  readonly image_pull_secrets?: readonly string[]
  /** IngressClass of its Ingress. */
  readonly ingress_class?: string
  /** What keeps its pods: deployment, stateful-set, daemon-set or job. */
  readonly kind?: KubernetesKind
  /** Labels that its nodes must have. */
  readonly node_selector?: Strings
  /** Path that its route begins with, / by default. */
  readonly path?: string
  /** How published ports are reached: load-balancer, node-port, ingress, gateway or none. */
  readonly publish?: KubernetesPublish
  /** ServiceAccount of its pods, whose token they get. */
  readonly service_account?: string
  /** Secret with the certificate of its Ingress. */
  readonly tls_secret?: string
}

/** How pods may mount a volume. */
export type KubernetesAccessMode = 'ReadWriteOnce' | 'ReadWriteMany' | 'ReadOnlyMany' | 'ReadWriteOncePod'

/** `volumes.*.x-tscompose-kubernetes`: what a volume becomes in Kubernetes, where Compose cannot say it. */
export interface KubernetesVolume extends Extensions {
  /** How pods may mount it; what follows from its services by default. */
  readonly access_mode?: KubernetesAccessMode
  /** Bytes that are asked for, such as 10g. */
  readonly size?: ByteSize
  /** StorageClass, the cluster's default one without it. */
  readonly storage_class?: string
}

/** `x-tscompose-kubernetes`: what a project becomes in Kubernetes, where Compose cannot say it. */
export interface KubernetesProject extends Extensions {
  /** Gateway that routes are part of, [NAMESPACE/]NAME. */
  readonly gateway?: string
  /** Host name of routes that say nothing. */
  readonly host?: string
  /** IngressClass of Ingresses that say nothing. */
  readonly ingress_class?: string
  /** Image with kubectl, for pods that wait for the end of others. */
  readonly kubectl_image?: string
  /** Namespace of all objects. */
  readonly namespace?: string
  /** false: nothing keeps networks apart. */
  readonly network_policies?: boolean
  /** How published ports are reached: load-balancer, node-port, ingress, gateway or none. */
  readonly publish?: KubernetesPublish
  /** StorageClass of volumes that say nothing. */
  readonly storage_class?: string
  /** Bytes of volumes that say nothing, 1g by default. */
  readonly volume_size?: ByteSize
  /** Image with sh and nc, for pods that wait for others. */
  readonly wait_image?: string
}
