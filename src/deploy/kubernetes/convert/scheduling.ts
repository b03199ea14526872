import type { Texts } from '../objects/metadata.ts'
import type { NodeRequirement, Pod } from '../objects/pod.ts'
import { compact, podSelector, type Subject } from './context.ts'
import { isLabelKey, isLabelValue } from './names.ts'

const HOSTNAME = 'kubernetes.io/hostname'
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane'

/** Labels of nodes by what a Swarm calls them. */
const NODE_LABELS: Readonly<Record<string, string>> = {
  'node.hostname': HOSTNAME,
  'node.platform.os': 'kubernetes.io/os',
  'node.platform.arch': 'kubernetes.io/arch',
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }

/** On which nodes a pod may be. */
export function schedulingOf(
  subject: Subject,
): Pick<Pod, 'nodeSelector' | 'affinity' | 'topologySpreadConstraints'> {
  const { context, name, service, path } = subject
  const { constraints = [], preferences = [], max_replicas_per_node: most } = service.deploy?.placement ?? {}
  const required = constraints.flatMap((text, index) => requirementOf(subject, text, index))
  const labelSelector = { matchLabels: podSelector(context, name) }
  if (most !== undefined && most > 1)
    context.notes.warn(
      'KUBERNETES_PLACEMENT',
      [...path, 'deploy', 'placement', 'max_replicas_per_node'],
      'Kubernetes keeps pods of a service to one a node, or to no number',
    )
  return compact({
    nodeSelector: { ...platformOf(subject), ...service['x-tscompose-kubernetes']?.node_selector },
    affinity: compact({
      nodeAffinity:
        required.length === 0
          ? undefined
          : {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: required }],
              },
            },
      podAntiAffinity:
        most === 1
          ? { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector, topologyKey: HOSTNAME }] }
          : undefined,
    }),
    topologySpreadConstraints: preferences.flatMap(({ spread = '' }, index) => {
      const topologyKey = labelOfNode(spread)
      if (topologyKey !== undefined)
        return [{ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway' as const, labelSelector }]
      const at = [...path, 'deploy', 'placement', 'preferences', index]
      tellUnknown(subject, at, spread)
      return []
    }),
  })
}

function tellUnknown({ context }: Subject, at: Subject['path'], text: string): void {
  context.notes.warn(
    'KUBERNETES_PLACEMENT',
    at,
    `Kubernetes knows no nodes by "${text}"`,
    'place it by a label of the nodes',
  )
}

function requirementOf(subject: Subject, text: string, index: number): NodeRequirement[] {
  const { context, path } = subject
  const [, term = '', sign, value = ''] = /^\s*([^\s!=]+)\s*(==|!=)\s*(.*?)\s*$/.exec(text) ?? []
  const at = [...path, 'deploy', 'placement', 'constraints', index]
  if (term === 'node.role') {
    const isManager = (value === 'manager') === (sign === '==')
    if (isManager) {
      context.notes.warn(
        'KUBERNETES_PLACEMENT',
        at,
        'nodes of the control plane take no pods unless their taint is tolerated or gone',
        'place it by a label of the nodes: node.labels.NAME == VALUE',
      )
      return [{ key: CONTROL_PLANE, operator: 'Exists' }]
    }
    context.notes.choose(at, 'Pod', 'pods are on other nodes than those of the control plane anyway')
    return []
  }
  const key = labelOfNode(term)
  if (key !== undefined && sign !== undefined && isLabelValue(value))
    return [{ key, operator: sign === '==' ? 'In' : 'NotIn', values: [ARCHITECTURES[value] ?? value] }]
  if (key !== undefined && sign !== undefined) {
    context.notes.warn(
      'KUBERNETES_PLACEMENT',
      at,
      `no node of Kubernetes has a label with the value "${value}": the constraint is left out`,
      'place it by a label of at most 63 letters, digits, "-", "_" and "."',
    )
    return []
  }
  tellUnknown(subject, at, text)
  return []
}

function labelOfNode(term: string): string | undefined {
  const known = NODE_LABELS[term]
  const label = /^(?:node|engine)\.labels\.(.+)$/.exec(term)?.[1]
  return known ?? (label !== undefined && isLabelKey(label) ? label : undefined)
}

/** Nodes that run programs of the platform that the file asks for. */
function platformOf({ context, service, path, name }: Subject): Texts {
  const [os, arch] = (service.platform ?? '').split('/')
  if (os === undefined || os === '') return {}
  context.notes.choose([...path, 'platform'], `Pod ${name}`, 'nodes of that platform alone')
  return compact({ 'kubernetes.io/os': os, 'kubernetes.io/arch': arch }) as Texts
}
