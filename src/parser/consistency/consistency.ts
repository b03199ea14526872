import type { Path } from '../../model/index.ts'
import { child, type Node, textOf } from '../tree/node.ts'
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
  checkSecretSources(context)
  checkContainerNames(context)
  checkDependencies(context)
}

/** Whatever driver a secret names: its bytes come from a file or a variable, or it is there already. */
function checkSecretSources({ project, reporter }: Consistency): void {
  const secrets = child(project, 'secrets')
  if (secrets?.kind !== 'map') return
  for (const [name, { node }] of secrets.entries) {
    const external = child(node, 'external')
    const elsewhere = external?.kind === 'scalar' && external.value === true
    const path: Path = ['secrets', name]
    if (elsewhere || textOf(child(node, 'file')) || textOf(child(node, 'environment'))) continue
    if (name.startsWith('x-') || reporter.isBroken(path)) continue
    reporter.error('NO_SOURCE', 'give the secret one of file, environment', { path, node })
  }
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
