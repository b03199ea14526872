import { readIfThereSync } from '../../linux/read-if-there.ts'
import type { Family } from '../ip/address.ts'
import { formatPrefix, overlaps, parsePrefix } from '../ip/prefix.ts'
import { type HostRoute, parseIpv6, parseRoutes } from './proc-net.ts'

/** A subnet with a route of the host that leads elsewhere: who is meant by an address of both is not known. */
export interface RouteClash {
  readonly subnet: string
  readonly route: string
  readonly link: string
}

/** Networks of other engines: they were there when a subnet was chosen, or asked for theirs although ours was there. */
const OTHER_ENGINES = /^(tsc-|br-[0-9a-f]{12}$|docker\d+$)/

/** Those of the subnets that a route of the host overlaps which does not lead to `own`. Two small reads. */
export function routeClashes(
  subnets: readonly string[],
  own: string | undefined,
  given?: readonly HostRoute[],
): RouteClash[] {
  const prefixes = subnets.flatMap(subnet => {
    const prefix = parsePrefix(subnet)
    return prefix === undefined ? [] : [{ subnet, prefix }]
  })
  const routes = given ?? readHostRoutes(new Set(prefixes.map(({ prefix: { family } }) => family)))
  return prefixes.flatMap(({ subnet, prefix }) => {
    const clash = routes.find(
      ({ prefix: other, link }) =>
        link !== own &&
        !OTHER_ENGINES.test(link) &&
        other.family === prefix.family &&
        overlaps(other, prefix),
    )
    return clash === undefined ? [] : [{ subnet, route: formatPrefix(clash.prefix), link: clash.link }]
  })
}

/** Of the families that matter: those of IPv6 are some for each interface, whoever uses it. */
function readHostRoutes(families: ReadonlySet<Family>): HostRoute[] {
  return [
    ...(families.has(4) ? routesIn('route', parseRoutes) : []),
    ...(families.has(6) ? routesIn('ipv6_route', parseIpv6Routes) : []),
  ]
}

const parsed = new Map<string, { readonly text: string; readonly routes: readonly HostRoute[] }>()

/** Each look at a network reads them, and they are seldom others. */
function routesIn(name: string, parse: (text: string) => HostRoute[]): readonly HostRoute[] {
  const text = readProcNet(name)
  const known = parsed.get(name)
  if (known?.text === text) return known.routes
  const routes = parse(text)
  parsed.set(name, { text, routes })
  return routes
}

/** Those of `/proc/net/ipv6_route`, but for loopback's: the host's own addresses, and what leads nowhere. */
export function parseIpv6Routes(text: string): HostRoute[] {
  return parseIpv6(text, 1).filter(({ link }) => link !== 'lo')
}

function readProcNet(name: string): string {
  return readIfThereSync(`/proc/net/${name}`) ?? ''
}
