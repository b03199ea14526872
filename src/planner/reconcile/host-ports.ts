import type { Diagnostic } from '../../diagnostics/index.ts'
import {
  fixedPort,
  hasOwnNetwork,
  hostPortKey,
  hostPortRoom,
  isSameHostPort,
  type Port,
} from '../../model/index.ts'
import { located } from '../project/located.ts'
import { areNeverTogether } from '../project/service-set.ts'
import type { Context } from './context.ts'
import type { ServiceFate } from './replica.ts'

interface Wish {
  readonly service: string
  readonly index: number
  readonly port: Port
  /** How many containers have it. */
  readonly replicas: number
}

/**
 * Finds ports of the host that two of the containers want which the plan has run: an engine would find out when the second
 * one starts. Problems: HOST_PORT_TWICE, FIXED_PORT_SCALED.
 */
export function checkHostPorts(
  { project, builder, options, set }: Context,
  fates: ReadonlyMap<string, ServiceFate>,
): void {
  if (options.start === false) return
  const earlierOf = new Map<string | undefined, Wish[]>()
  for (const wish of [...fates.values()].flatMap(wishesOf)) {
    const { service, index, port, replicas } = wish
    const place = located(project, ['services', service, 'ports', index])
    const published = fixedPort(port)
    if (replicas > hostPortRoom(port)) builder.problem({ ...place, ...tooFew(port, replicas) })
    if (published === undefined) continue
    const earlier = earlierOf.get(hostPortKey(port)) ?? []
    earlierOf.set(hostPortKey(port), [...earlier, wish])
    const other = earlier.find(
      each => isSameHostPort(each.port, port) && !areNeverTogether(set, each.service, service),
    )
    if (other !== undefined)
      builder.problem({
        ...place,
        code: 'HOST_PORT_TWICE',
        summary: `port ${published} of the host is published by ${other.service} too`,
        hint: 'choose another port, or another address of the host for one of the two',
      })
  }
}

/** FIXED_PORT_SCALED */
function tooFew(port: Port, replicas: number): Pick<Diagnostic, 'code' | 'summary' | 'hint'> {
  const room = hostPortRoom(port)
  const { published = '', target } = port
  const first = Number.parseInt(published, 10)
  return {
    code: 'FIXED_PORT_SCALED',
    summary:
      room === 1
        ? `${replicas} containers want port ${published} of the host: only the first one starts`
        : `${replicas} containers want ports ${published} of the host: only the first ${room} start`,
    hint: `publish a range, ${first}-${first + replicas - 1}:${target}, or ${target} alone for free ones`,
  }
}

function wishesOf({ selected, replicas }: ServiceFate): Wish[] {
  const { name, service } = selected
  if (replicas.length === 0 || !hasOwnNetwork(service)) return []
  return (service.ports ?? []).flatMap((port, index) =>
    hostPortRoom(port) === Number.POSITIVE_INFINITY
      ? []
      : [{ service: name, index, port, replicas: replicas.length }],
  )
}
