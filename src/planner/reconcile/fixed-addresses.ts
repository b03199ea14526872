import { located } from '../project/located.ts'
import type { Context } from './context.ts'
import type { ServiceFate } from './replica.ts'

const ADDRESSES = ['ipv4_address', 'ipv6_address'] as const

/**
 * Finds fixed addresses that several containers of a service would have: an engine would find out when the second one starts. Problem
 * FIXED_ADDRESS_SCALED. Two services that want one address are found by the engine's own checks.
 */
export function checkFixedAddresses(
  { project, builder, options }: Context,
  fates: ReadonlyMap<string, ServiceFate>,
): void {
  if (options.start === false) return
  for (const { selected, replicas } of fates.values())
    if (replicas.length > 1)
      for (const [key, attachment] of Object.entries(selected.service.networks ?? {}))
        for (const attribute of ADDRESSES) {
          const address = attachment?.[attribute]
          if (address !== undefined)
            builder.problem({
              ...located(project, ['services', selected.name, 'networks', key, attribute]),
              code: 'FIXED_ADDRESS_SCALED',
              summary: `${replicas.length} containers want address ${address}: only the first one starts`,
              hint: 'leave the address out: names lead to all of them',
            })
        }
}
