import { ERRNO } from '../../linux/errno.ts'
import type { SetupOp } from '../../native/index.ts'
import type { Endpoint } from '../drivers/driver.ts'
import { canonicalAddress } from '../ip/address.ts'
import { containsPrefix, type Prefix, parsePrefix } from '../ip/prefix.ts'
import { containerNetlink, type RoutingRule, routeText, type SetRoute } from '../netlink/index.ts'
import { defaultGateway, type NetnsFile } from './endpoints.ts'

/** What leads packets of a container another way than its networks do, or nowhere, and what removes it. */
export interface ForeignWay {
  readonly path: 'route' | 'rule'
  /** A route in the words of ip(8). */
  readonly got: string
  readonly removal: Buffer
}

/**
 * Of the routes and rules that programs have set in a container's namespace those that are in the way: what refuses packets, what leads
 * addresses of its networks, or all that has no other way, elsewhere, and every rule. A route to somewhere else is nobody's business.
 */
export function foreignWays(
  routes: readonly SetRoute[],
  rules: readonly RoutingRule[],
  endpoints: readonly Endpoint[],
): ForeignWay[] {
  return [
    ...routes
      .filter(route => isInTheWay(route, routes, endpoints))
      .map(route => ({
        path: 'route' as const,
        got: routeText(route),
        removal: route.removal,
      })),
    ...rules.map(({ family, priority, removal }) => ({
      path: 'rule' as const,
      got: `a rule of priority ${priority}${family === 6 ? ' for IPv6' : ''}`,
      removal,
    })),
  ]
}

/** Where it has a default route, the halves of everything go before it. */
const HALF = 1

function isInTheWay(route: SetRoute, routes: readonly SetRoute[], endpoints: readonly Endpoint[]): boolean {
  if (route.kind !== 'unicast') return true
  if (route.to.length > HALF) return subnetsOf(endpoints).some(subnet => containsPrefix(subnet, route.to))
  const wanted = defaultGateway(endpoints, route.family)
  // Where there is to be none, or it is lost, that is told as such.
  const isRight = ({ family, to, gateway }: SetRoute): boolean =>
    family === route.family && to.length === 0 && gateway === canonicalAddress(wanted ?? '')
  return wanted !== undefined && routes.some(isRight) && !isRight(route)
}

function subnetsOf(endpoints: readonly Endpoint[]): Prefix[] {
  return endpoints.flatMap(({ addresses }) => addresses.flatMap(text => parsePrefix(text) ?? []))
}

/** Operations for `native.run` that remove them. */
export function removeWaysOps(netns: NetnsFile, ways: readonly ForeignWay[]): SetupOp[] {
  return [
    { ...netns, op: 'openNetns' },
    ...ways.map(({ got, removal }) => containerNetlink(`remove ${got}`, removal, [ERRNO.ESRCH])),
  ]
}
