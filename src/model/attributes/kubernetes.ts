import { only } from './rows.ts'
import { bytes, oneOf, type Shape, type Struct, strings, struct, text, texts, triState } from './shape.ts'

const PUBLISH: Shape = oneOf(
  'KubernetesPublish',
  'How published ports are reached from outside of a cluster.',
  'load-balancer',
  'node-port',
  'ingress',
  'gateway',
  'none',
)

const kind = oneOf(
  'KubernetesKind',
  'What keeps pods of a service.',
  'deployment',
  'stateful-set',
  'daemon-set',
  'job',
)

const binds = oneOf('KubernetesBinds', 'What becomes of bind mounts in a cluster.', 'content', 'node', 'none')

const accessMode = oneOf(
  'KubernetesAccessMode',
  'How pods may mount a volume.',
  'ReadWriteOnce',
  'ReadWriteMany',
  'ReadOnlyMany',
  'ReadWriteOncePod',
)

const cluster = only('cluster')

/** `services.*.x-tscompose-kubernetes`: no container here is made of it. */
export const KUBERNETES_SERVICE: Struct = struct(
  'KubernetesService',
  '`services.*.x-tscompose-kubernetes`: what a service becomes in Kubernetes, where Compose cannot say it.',
  ['annotations', strings, cluster],
  ['binds', binds, cluster],
  ['gateway', text, cluster],
  ['host', text, cluster],
  ['image_pull_secrets', texts, cluster],
  ['ingress_class', text, cluster],
  ['kind', kind, cluster],
  ['node_selector', strings, cluster],
  ['path', text, cluster],
  ['publish', PUBLISH, cluster],
  ['service_account', text, cluster],
  ['tls_secret', text, cluster],
)

/** `volumes.*.x-tscompose-kubernetes`. */
export const KUBERNETES_VOLUME: Struct = struct(
  'KubernetesVolume',
  '`volumes.*.x-tscompose-kubernetes`: what a volume becomes in Kubernetes, where Compose cannot say it.',
  ['access_mode', accessMode, cluster],
  ['size', bytes, cluster],
  ['storage_class', text, cluster],
)

/** `x-tscompose-kubernetes` at the top. */
export const KUBERNETES_PROJECT: Struct = struct(
  'KubernetesProject',
  '`x-tscompose-kubernetes`: what a project becomes in Kubernetes, where Compose cannot say it.',
  ['gateway', text, cluster],
  ['host', text, cluster],
  ['ingress_class', text, cluster],
  ['kubectl_image', text, cluster],
  ['namespace', text, cluster],
  ['network_policies', triState, cluster],
  ['publish', PUBLISH, cluster],
  ['storage_class', text, cluster],
  ['volume_size', bytes, cluster],
  ['wait_image', text, cluster],
)
