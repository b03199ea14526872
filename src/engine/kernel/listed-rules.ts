import { parseGeneration, tablesOps } from '../../network/index.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
import { isOwnMaster } from './endpoints.ts'
import type { ContainerSight } from './thing.ts'

/** The chains and rules in a container's network namespace, asked for once for all who ask of the same sight. */
export function listedRules(sight: ContainerSight): Promise<readonly Buffer[] | undefined> {
  const before = known.get(sight)
  if (before !== undefined) return before
  const listed = sight.engine.looks.ask(tablesOps(networkNamespaceOf(sight.container)))
  known.set(sight, listed)
  return listed
}

const known = new WeakMap<ContainerSight, Promise<readonly Buffer[] | undefined>>()

/**
 * What rules are right by. Most of what there is to tell of a namespace are its rules: they are listed where the number of their last change is
 * another.
 */
export function rulesBasis({
  made,
  seen,
  engine,
  container,
}: ContainerSight): readonly unknown[] | undefined {
  const generation = seen?.generation && parseGeneration(seen.generation)
  return generation === undefined ? undefined : [made, generation, isOwnMaster(engine, container)]
}
