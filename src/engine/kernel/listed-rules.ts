import { generationOps, parseGeneration, tablesOps } from '../../network/index.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
import type { EngineContext } from '../state/context.ts'
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

/**
 * Whether the rules in a container's network namespace are those that it was made with, whole: the kernel counts changes, and there were as many as
 * its own program has made.
 */
export function hasFirstRules({ made, seen, firstGeneration }: ContainerSight): boolean {
  const changes = made?.spec?.network.setup.filter(op => op.op === 'netlink' && op.protocol === 'netfilter')
  const net = made?.spec?.namespaces.net
  // An engine that has taken the container over does not know what made them.
  if (!changes?.length || net?.kind !== 'private' || net.kept !== undefined) return false
  const generation = seen?.generation && parseGeneration(seen.generation)
  return firstGeneration !== undefined && generation === firstGeneration + changes.length
}

const firsts = new WeakMap<EngineContext, Promise<number | undefined>>()

/** What the kernel counts the changes of rules in a network namespace from: asked once, of a new one. */
export function findFirstGeneration(engine: EngineContext): Promise<number | undefined> {
  const known = firsts.get(engine)
  if (known !== undefined) return known
  const first = engine.looks.ask(generationOps()).then(outputs => outputs?.[0] && parseGeneration(outputs[0]))
  firsts.set(engine, first)
  void first.then(found => found ?? firsts.delete(engine))
  return first
}
