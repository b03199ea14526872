import { foreignTables, foreignWays, removeTableOp, removeWaysOps } from '../../network/index.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
import { isOwnMaster } from './endpoints.ts'
import { hasFirstRules, listedRules, rulesBasis } from './listed-rules.ts'
import { type ContainerSight, inPlace, type Thing } from './thing.ts'

/**
 * Tables of nf_tables in a container's namespace that are none of ours, and refuse packets or lead them elsewhere. Nobody inside may have made them, who has
 * no NET_ADMIN: to remove them takes nothing from the container.
 */
export const FOREIGN_TABLES: Thing<ContainerSight> = {
  paths: ['foreign.table'],
  outlasts: true,
  basis: rulesBasis,
  untouched: hasFirstRules,
  async observe(sight) {
    const { engine, container } = sight
    if (sight.inside === undefined || isOwnMaster(engine, container)) return []
    const found = await tablesOf(sight)
    return found?.map(table => inPlace({ path: pathOf(table), want: 'none of others', got: table.does }))
  },
  async repair(sight, drift) {
    const tables = ((await tablesOf(sight)) ?? []).filter(table =>
      drift.some(({ Path }) => Path === pathOf(table)),
    )
    const { engine, container } = sight
    const netns = { ...networkNamespaceOf(container), op: 'openNetns' } as const
    // Each by itself: one that takes changes from its owner alone stays.
    for (const table of tables) await engine.native.run({ setup: [netns, removeTableOp(table)] })
  },
}

type Table = ReturnType<typeof foreignTables>[number]

function pathOf({ family, name }: Table): string {
  return `foreign.table.${family}.${name}`
}

async function tablesOf(sight: ContainerSight): Promise<readonly Table[] | undefined> {
  const listed = await listedRules(sight)
  return listed && foreignTables(listed)
}

/** Routes and rules of routing there that are in the way of its networks. */
export const FOREIGN_ROUTES: Thing<ContainerSight> = {
  paths: ['foreign.route', 'foreign.rule'],
  outlasts: true,
  basis: ({ engine, container, made, seen }) =>
    seen?.routing && [made, seen.routes, seen.routing, isOwnMaster(engine, container)],
  observe: sight =>
    waysOf(sight).map(({ path, got }) => inPlace({ path: `foreign.${path}`, want: 'none of others', got })),
  async repair(sight, drift) {
    const { engine, container } = sight
    const ways = waysOf(sight).filter(({ path, got }) =>
      drift.some(({ Path, Got }) => Path === `foreign.${path}` && Got === got),
    )
    await engine.native.run({ setup: removeWaysOps(networkNamespaceOf(container), ways) })
  },
}

function waysOf({ engine, container, inside, made }: ContainerSight): ReturnType<typeof foreignWays> {
  if (inside === undefined || inside.setRoutes.length + inside.rules.length === 0) return []
  if (isOwnMaster(engine, container)) return []
  return foreignWays(inside.setRoutes, inside.rules, made?.endpoints ?? [])
}
