import type { Network } from '../../model/index.ts'
import { located } from '../project/located.ts'
import { areNeverTogether } from '../project/service-set.ts'
import type { Context } from './context.ts'
import type { ServiceFate } from './replica.ts'

/**
 * Finds containers that have no room on a network beside others of the plan: the kernel would find out when the second one starts. Problem
 * NETWORK_FULL.
 */
export function checkNetworkRoom(
  { project, builder, options, set }: Context,
  fates: ReadonlyMap<string, ServiceFate>,
): void {
  if (options.start === false) return
  for (const [key, network] of Object.entries(project.model.networks ?? {})) {
    if (!isForOne(network)) continue
    const there: string[] = []
    for (const { selected, replicas } of fates.values()) {
      const { name, service } = selected
      if (replicas.length === 0 || !(key in (service.networks ?? {}))) continue
      const other = there.find(each => !areNeverTogether(set, each, name))
      there.push(name)
      if (replicas.length === 1 && other === undefined) continue
      builder.problem({
        ...located(project, ['services', name, 'networks', key]),
        code: 'NETWORK_FULL',
        summary:
          other === undefined
            ? `${replicas.length} containers want network "${network.name}", which has room for one`
            : `network "${network.name}" has room for one container, and ${other} is on it`,
        hint: 'in the mode passthru of macvlan a container has the parent to itself: other modes have room for many',
      })
    }
  }
}

/** A parent that is passed through has the container's address, and so can be in one alone. */
function isForOne({ driver, driver_opts: { macvlan_mode: mode } = {} }: Network): boolean {
  return driver === 'macvlan' && mode === 'passthru'
}
