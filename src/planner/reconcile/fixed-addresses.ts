import { networkNamed } from '../observed/find.ts'
import type { ObservedNetwork } from '../observed/observed.ts'
import { located } from '../project/located.ts'
import type { Context } from './context.ts'
import { mayChange, type Replica, type ServiceFate } from './replica.ts'

const ADDRESSES = ['ipv4_address', 'ipv6_address'] as const

/**
 * Finds fixed addresses that several containers of a service would have, or that another container has: an engine would find out when the second one
 * starts, or when the old container is gone. Problems FIXED_ADDRESS_SCALED, ADDRESS_IN_USE. Two services that want one address are found by the engine's own
 * checks.
 */
export function checkFixedAddresses(context: Context, fates: ReadonlyMap<string, ServiceFate>): void {
  const { project, builder, options } = context
  if (options.start === false) return
  checkTaken(context, fates)
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

/** Of containers that the plan leaves where they are; those that it ends, or gives other networks, have let go by then. */
function checkTaken({ project, builder, observed }: Context, fates: ReadonlyMap<string, ServiceFate>): void {
  const all = [...fates.values()]
  const moving = new Set([
    ...all.flatMap(({ replicas }) => replicas.filter(isMoved).flatMap(({ existing }) => existing?.id ?? [])),
    ...all.flatMap(({ surplus }) => surplus.map(({ container }) => container.id)),
  ])
  for (const { selected, replicas } of all)
    for (const [key, attachment] of Object.entries(selected.service.networks ?? {}))
      for (const attribute of ADDRESSES) {
        const address = attachment?.[attribute]
        const network = networkNamed(observed, project.model.networks?.[key]?.name ?? '')
        if (address === undefined || network === undefined || !replicas.some(isMoved)) continue
        const own = new Set(replicas.flatMap(({ existing }) => existing?.id ?? []))
        const holder = holderOf(network, address)
        if (holder === undefined || own.has(holder.id) || moving.has(holder.id)) continue
        builder.problem({
          ...located(project, ['services', selected.name, 'networks', key, attribute]),
          code: 'ADDRESS_IN_USE',
          summary: `address ${address} of network "${network.name}" is container "${holder.name}"'s`,
          hint: 'choose another one, or stop that container',
        })
      }
}

/** It is made anew, or may be on other networks then. */
function isMoved(replica: Replica): boolean {
  return mayChange(replica) || replica.adapted.some(({ path }) => path.startsWith('networks'))
}

function holderOf(
  { containers }: ObservedNetwork,
  address: string,
): ObservedNetwork['containers'][number] | undefined {
  return containers.find(({ addresses = [] }) => addresses.includes(address))
}
