import type { Drift } from '../../api/types/index.ts'
import type { NetlinkOp } from '../../native/index.ts'
import { egressChangeOp, egressOp, guardOp, lostRules, resolverPortOp } from '../../network/index.ts'
import { egressPolicyOf } from '../endpoints/egress.ts'
import { joinedOf } from '../endpoints/joined.ts'
import { hasEmbeddedDns, isGuarded } from '../endpoints/program.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
import { hasOwnNetwork, isOwnMaster } from './endpoints.ts'
import { hasFirstRules, listedRules, rulesBasis } from './listed-rules.ts'
import { type ContainerSight, inPlace, type Thing } from './thing.ts'

/** Rules of ours in a container's namespace: what makes them, and what makes them anew in the place of those that are there. */
interface OwnRules {
  readonly path: 'resolver' | 'guard' | 'egress'
  readonly made: NetlinkOp
  readonly again: NetlinkOp
}

/**
 * The rules in a container's network namespace: the way to the resolver, its guard, its egress. Who may set up its network may have
 * others there.
 */
export const RULES: Thing<ContainerSight> = {
  paths: ['resolver', 'guard', 'egress'],
  outlasts: true,
  basis: rulesBasis,
  untouched: hasFirstRules,
  async observe(sight) {
    if (sight.inside === undefined) return hasOwnNetwork(sight.container) ? undefined : []
    const listed = await listedRules(sight)
    if (listed === undefined) return undefined
    const found: Drift[] = []
    for (const { path, made } of ownRules(sight)) {
      const lost = lostRules(listed, made)
      if (lost === undefined || (path === 'guard' && !(await takesGuard(sight)))) continue
      found.push(inPlace({ path, want: `chain ${lost}`, got: 'missing, or with other rules' }))
    }
    return found
  },
  async repair(sight, drift) {
    const again = ownRules(sight).filter(({ path }) => drift.some(({ Path }) => Path === path))
    const { engine, container } = sight
    await engine.native.run({
      setup: [{ ...networkNamespaceOf(container), op: 'openNetns' }, ...again.map(each => each.again)],
    })
  },
}

/** Holds a container to the addresses that it has by now, where it is held to its own at all. */
export async function renewGuard(sight: ContainerSight): Promise<void> {
  const guard = ownRules(sight).find(({ path }) => path === 'guard')
  if (guard === undefined || !(await takesGuard(sight))) return
  await sight.engine.native.run({
    setup: [{ ...networkNamespaceOf(sight.container), op: 'openNetns' }, guard.again],
  })
}

function ownRules({ engine, container, inside, made }: ContainerSight): OwnRules[] {
  if (inside === undefined || made === undefined || isOwnMaster(engine, container)) return []
  const joined = joinedOf(engine, container)
  const { endpoints } = made
  // Rules of an interface go with it, and come again with the next.
  const stand = endpoints.every(({ interfaceName }) =>
    inside.links.some(({ name }) => name === interfaceName),
  )
  const policy = egressPolicyOf(container, endpoints)
  const [egress] = egressOp(policy)
  return [
    ...(hasEmbeddedDns(container, joined, '')
      ? [{ path: 'resolver', made: resolverPortOp(), again: resolverPortOp(true) } as const]
      : []),
    ...(stand && endpoints.length > 0 && isGuarded(engine, container)
      ? [{ path: 'guard', made: guardOp(endpoints), again: guardOp(endpoints, true) } as const]
      : []),
    ...(policy === undefined || egress === undefined
      ? []
      : [{ path: 'egress', made: egress, again: egressChangeOp(policy, policy.targets) } as const]),
  ]
}

/** Whether this kernel has the hook for what leaves a device, without which no container has a guard: found out once. */
async function takesGuard({ engine }: ContainerSight): Promise<boolean> {
  const known = guards.get(engine) ?? tryGuard(engine)
  guards.set(engine, known)
  return known
}

const guards = new WeakMap<object, Promise<boolean>>()

async function tryGuard({ looks }: ContainerSight['engine']): Promise<boolean> {
  const lo = { interfaceName: 'lo', macAddress: '00:00:00:00:00:00', addresses: ['127.0.0.1/8'] }
  const { ignore: _, ...strict } = guardOp([lo])
  return (await looks.ask([{ op: 'newNetns' }, strict])) !== undefined
}
