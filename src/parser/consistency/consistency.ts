import type { Path } from '../../model/index.ts'
import { child, type Node } from '../tree/node.ts'
import type { Consistency } from './context.ts'
import { checkDependencies } from './dependencies.ts'
import { checkReferences } from './references.ts'
import { checkSingleService } from './service.ts'

/** Checks what only several attributes together can get wrong. Services with earlier errors are not checked for what follows from them. */
export function checkConsistency(context: Consistency): void {
  for (const [name, entry] of context.enabled) {
    const path: Path = ['services', name]
    checkSingleService(entry.node, path, context)
    checkReferences(entry.node, path, context)
  }
  checkContainerNames(context)
  checkDependencies(context)
}

function checkContainerNames({ enabled, reporter }: Consistency): void {
  const owners = new Map<string, string>()
  for (const [name, entry] of enabled) {
    const node: Node | undefined = child(entry.node, 'container_name')
    if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.value === '') continue
    const owner = owners.get(node.value)
    if (owner === undefined) owners.set(node.value, name)
    else
      reporter.error(
        'CONTAINER_NAME_TAKEN',
        `choose another container name: services.${owner} has "${node.value}"`,
        {
          path: ['services', name, 'container_name'],
          node,
        },
      )
  }
}
