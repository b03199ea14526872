import { approximateDuration } from '../../../notation/index.ts'
import { isLoose } from '../cluster/kubeconfig.ts'
import type { ClusterObject } from '../cluster/object.ts'

type Loose = Readonly<Record<string, unknown>>

/** One container of a pod, as `ps` shows it. */
export interface PodContainer {
  readonly id: string
  readonly pod: string
  readonly container: string
  readonly service: string
  readonly image: string
  readonly command: readonly string[]
  readonly node: string
  /** Unix seconds. */
  readonly created: number
  readonly state: 'created' | 'running' | 'exited' | 'restarting'
  readonly exitCode: number
  /** Since when it is so, Unix seconds. */
  readonly since: number
  /** A reason of the cluster's, `ImagePullBackOff`. */
  readonly reason: string
  readonly restarts: number
  /** Absent without a readiness probe. */
  readonly isReady?: boolean
  readonly ports: readonly { readonly port: number; readonly protocol: string }[]
  readonly labels: Readonly<Record<string, string>>
}

/** The containers of a pod, but for those that run before the others. */
export function containersOf(pod: ClusterObject): PodContainer[] {
  const { metadata, spec = {}, status = {} } = pod
  const statuses = new Map(listOf(status, 'containerStatuses').map(each => [String(each['name']), each]))
  const born = secondsOf(metadata.creationTimestamp)
  return listOf(spec, 'containers').map(container => {
    const name = String(container['name'])
    const own = statuses.get(name) ?? {}
    return {
      id: String(own['containerID'] ?? metadata.uid ?? '').replace(/^\w+:\/\//, ''),
      pod: metadata.name,
      container: name,
      service: metadata.labels?.['app.kubernetes.io/name'] ?? '',
      image: String(container['image'] ?? ''),
      command: [...textsOf(container['command']), ...textsOf(container['args'])],
      node: String(spec['nodeName'] ?? ''),
      created: born,
      ...stateOf(own, status, born),
      restarts: Number(own['restartCount'] ?? 0),
      ...(container['readinessProbe'] === undefined ? {} : { isReady: own['ready'] === true }),
      ports: listOf(container, 'ports').map(port => ({
        port: Number(port['containerPort']),
        protocol: String(port['protocol'] ?? 'TCP').toLowerCase(),
      })),
      labels: metadata.labels ?? {},
    }
  })
}

function stateOf(
  own: Loose,
  status: Loose,
  born: number,
): Pick<PodContainer, 'state' | 'exitCode' | 'since' | 'reason'> {
  const state = part(own, 'state')
  const [running, ended, waiting] = [
    part(state, 'running'),
    part(state, 'terminated'),
    part(state, 'waiting'),
  ]
  const exitCode = Number(ended['exitCode'] ?? part(part(own, 'lastState'), 'terminated')['exitCode'] ?? 0)
  if (running['startedAt'] !== undefined)
    return { state: 'running', exitCode: 0, since: secondsOf(running['startedAt']), reason: '' }
  if (ended['exitCode'] !== undefined)
    return {
      state: 'exited',
      exitCode,
      since: secondsOf(ended['finishedAt']),
      reason: String(ended['reason'] ?? ''),
    }
  const reason = String(waiting['reason'] ?? status['reason'] ?? status['phase'] ?? '')
  const isRestarting = reason === 'CrashLoopBackOff'
  return { state: isRestarting ? 'restarting' : 'created', exitCode, since: born, reason }
}

function secondsOf(time: unknown): number {
  return typeof time === 'string' ? Math.floor(Date.parse(time) / 1000) : 0
}

function part(value: Loose, key: string): Loose {
  const { [key]: inner } = value
  return isLoose(inner) ? inner : {}
}

function listOf(value: Loose, key: string): Loose[] {
  const { [key]: list } = value
  return Array.isArray(list) ? list.filter(isLoose) : []
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** Its state in the words that an engine has, with the cluster's own reason where it has one; `now`: Unix seconds. */
export function statusOf(
  { state, reason, exitCode, since, isReady, restarts }: PodContainer,
  now: number,
): string {
  const ago = approximateDuration((now - since) * 1000)
  switch (state) {
    case 'running':
      return `Up ${ago}${isReady === undefined ? '' : isReady ? ' (healthy)' : ' (not ready)'}`
    case 'exited':
      return `Exited (${exitCode}) ${ago} ago`
    case 'restarting':
      return `Restarting (${exitCode}), ${restarts} times by now`
    case 'created':
      return reason === '' ? 'Waiting' : `Waiting (${reason})`
  }
}
