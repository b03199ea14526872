import { tablesOps } from '../../network/index.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
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

/** What rules were right by: nothing of it has changed where all of it is the same. */
type State = readonly unknown[]

/** Containers whose rules were found right, and need no second look until something has changed that they depend on. */
export class RulesMemo {
  readonly #right = new WeakMap<object, State>()

  has(sight: ContainerSight): boolean {
    const now = stateOf(sight)
    const before = this.#right.get(sight.container)
    return before !== undefined && now[0] !== undefined && now.every((each, at) => each === before[at])
  }

  keep(sight: ContainerSight): void {
    this.#right.set(sight.container, stateOf(sight))
  }
}

function stateOf({ container, inside }: ContainerSight): State {
  const { terms, record, live } = container
  return [inside?.generation, live, terms, record.endpoints]
}
