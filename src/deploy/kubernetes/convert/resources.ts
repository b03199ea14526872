import { bytesOf } from '../../../model/index.ts'
import type { Quantities } from '../objects/metadata.ts'
import type { Container } from '../objects/pod.ts'
import { compact, type Subject } from './context.ts'
import { byteQuantity, cpuQuantity } from './quantities.ts'

const GPU = 'nvidia.com/gpu'

/** Limits and requests: those of `deploy` win over the service's own, as in Compose. */
export function resourcesOf(subject: Subject): NonNullable<Container['resources']> {
  const { service } = subject
  const { limits, reservations } = service.deploy?.resources ?? {}
  const cpus = limits?.cpus ?? service.cpus ?? quotaOf(subject)
  const memory = limits?.memory ?? service.mem_limit
  const inDeploy = ['deploy', 'resources', 'reservations']
  const memoryPath = reservations?.memory === undefined ? ['mem_reservation'] : [...inDeploy, 'memory']
  return compact({
    limits: amounts({ cpu: cpuQuantity(cpus), memory: byteQuantity(memory), [GPU]: gpusOf(subject) }),
    requests: amounts({
      cpu: cpuQuantity(
        withinLimit(subject, [...inDeploy, 'cpus'], reservations?.cpus, cpus, amount => amount),
      ),
      memory: byteQuantity(
        withinLimit(subject, memoryPath, reservations?.memory ?? service.mem_reservation, memory, bytesOf),
      ),
    }),
  })
}

/**
 * A reservation above the limit, with which Kubernetes takes no pod, is the limit: the container never uses more, and the limit is
 * what keeps others from harm.
 */
function withinLimit<T>(
  { context, path }: Subject,
  attribute: readonly string[],
  reserved: T | undefined,
  limit: T | undefined,
  amountOf: (value: T) => number | undefined,
): T | undefined {
  if (reserved === undefined || limit === undefined) return reserved
  const most = amountOf(limit) ?? 0
  if (most <= 0 || (amountOf(reserved) ?? 0) <= most) return reserved
  context.notes.warn(
    'KUBERNETES_ATTRIBUTE',
    [...path, ...attribute],
    'Kubernetes takes no reservation above the limit: as much as the limit is reserved',
    'reserve no more than the limit',
  )
  return limit
}

function amounts(values: Readonly<Record<string, string | undefined>>): Quantities {
  return compact(values) as Quantities
}

/** The CPUs that a quota in a period comes to. */
function quotaOf({
  service: { cpu_quota: quota = 0, cpu_period: period = 100_000 },
}: Subject): number | undefined {
  return quota > 0 && period > 0 ? quota / period : undefined
}

/** How many GPUs are asked for; Kubernetes neither gives all of a node nor those of an id. */
function gpusOf({ context, service, path }: Subject): string | undefined {
  const places = [
    ['gpus', service.gpus ?? []],
    ['deploy', service.deploy?.resources?.reservations?.devices ?? []],
  ] as const
  let total = 0
  for (const [attribute, requests] of places) {
    for (const { capabilities = ['gpu'], count, device_ids: ids = [], driver = 'nvidia' } of requests) {
      const isGpu = capabilities.includes('gpu') && driver === 'nvidia'
      if (isGpu) total += count !== undefined && count > 0 ? count : Math.max(1, ids.length)
      if (isGpu && count !== undefined && count > 0) continue
      context.notes.warn(
        'KUBERNETES_ATTRIBUTE',
        [...path, attribute],
        isGpu
          ? 'Kubernetes gives a number of GPUs, neither all of a node nor those of an id'
          : `devices of the driver "${driver}" have no name that Kubernetes knows`,
        isGpu ? 'write count: 1' : undefined,
      )
    }
  }
  return total === 0 ? undefined : String(total)
}
