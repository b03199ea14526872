import { isLoose } from '../cluster/kubeconfig.ts'
import type { ClusterObject } from '../cluster/object.ts'
import { conditionOf } from './workload-state.ts'

/** Why a pod is not ready. */
export interface Trouble {
  /** In plain words, with the cluster's own behind them. */
  readonly reason: string
  /** It will not get better by itself, as far as can be told. */
  readonly isLasting: boolean
  /** The container whose last lines tell more, and whether they are of a run that has ended. */
  readonly container?: { readonly name: string; readonly isPrevious: boolean }
}

/** A container that has ended so often will go on so. */
const MANY_RESTARTS = 3

type Loose = Readonly<Record<string, unknown>>

/** What keeps a pod from being ready; undefined where nothing is known to. `warnings`: what events tell of it, the last one last. */
export function troubleOf(pod: ClusterObject, warnings: readonly string[] = []): Trouble | undefined {
  const { status = {}, metadata } = pod
  if (metadata.deletionTimestamp !== undefined || status['phase'] === 'Succeeded') return undefined
  const containers = [...listOf(status, 'initContainerStatuses'), ...listOf(status, 'containerStatuses')]
  for (const container of containers) {
    const trouble = troubleOfContainer(pod, container)
    if (trouble !== undefined) return trouble
  }
  const unplaced = conditionOf(status, 'PodScheduled', 'False')
  if (unplaced !== undefined)
    return { reason: `no node takes the pod ${metadata.name}: ${unplaced}`, isLasting: false }
  const probe = warnings.findLast(text => /probe failed/i.test(text))
  if (probe !== undefined) return { reason: `pod ${metadata.name} is not ready: ${probe}`, isLasting: false }
  const last = warnings.at(-1)
  return last === undefined ? undefined : { reason: `pod ${metadata.name}: ${last}`, isLasting: false }
}

function troubleOfContainer(
  { metadata: { name: pod } }: ClusterObject,
  container: Loose,
): Trouble | undefined {
  const name = String(container['name'])
  const [state, last] = [partOf(container, 'state'), partOf(container, 'lastState')]
  const [waiting, ended] = [partOf(state, 'waiting'), partOf(state, 'terminated')]
  const restarts = Number(container['restartCount'] ?? 0)
  const which = `container ${name} of pod ${pod}`
  const message = String(waiting['message'] ?? '')
  switch (waiting['reason']) {
    case 'ErrImagePull':
      return { reason: `the image of ${which} cannot be pulled: ${message}`, isLasting: false }
    case 'ImagePullBackOff':
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
      return { reason: `the image of ${which} cannot be pulled: ${message}`, isLasting: true }
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
    case 'RunContainerError':
      return {
        reason: `${which} cannot be started: ${message}`,
        isLasting: waiting['reason'] !== 'CreateContainerError',
      }
    case 'CrashLoopBackOff':
      return {
        reason: `${which} ends again and again, ${endOf(partOf(last, 'terminated'))}`,
        isLasting: restarts >= MANY_RESTARTS,
        container: { name, isPrevious: true },
      }
  }
  if (Number(ended['exitCode'] ?? 0) === 0) return undefined
  return {
    reason: `${which} has ended, ${endOf(ended)}`,
    isLasting: false,
    container: { name, isPrevious: false },
  }
}

function endOf(ended: Loose): string {
  if (ended['reason'] === 'OOMKilled') return 'for it needs more memory than its limit lets it have'
  return `with status ${String(ended['exitCode'] ?? '?')}`
}

function partOf(value: Loose, key: string): Loose {
  const { [key]: part } = value
  return isLoose(part) ? part : {}
}

function listOf(value: Loose, key: string): Loose[] {
  const { [key]: list } = value
  return Array.isArray(list) ? list.filter(isLoose) : []
}
