import type { Path } from '../../model/index.ts'
import { cleanPath } from '../canonical/short-volume.ts'
import type { Reporter } from '../reporter.ts'
import { asList, child, type Node, textOf } from '../tree/node.ts'
import { renderPath } from '../tree/walk.ts'

interface Target {
  readonly target: string
  readonly path: Path
  readonly node: Node
}

/** Two mounts on one place hide each other. */
export function checkMountTargets(
  service: Node,
  path: Path,
  { reporter }: { readonly reporter: Reporter },
): void {
  const owners = new Map<string, Path>()
  for (const { target, path: at, node } of targetsOf(service, path)) {
    const owner = owners.get(target)
    if (owner === undefined) owners.set(target, at)
    else
      reporter.error(
        'MOUNT_TARGET_TAKEN',
        `choose another target: ${renderPath(owner)} is mounted on "${target}" already`,
        {
          path: at,
          node,
        },
      )
  }
}

function* targetsOf(service: Node, path: Path): Generator<Target> {
  for (const [index, item] of (asList(child(service, 'volumes'))?.items ?? []).entries()) {
    const target = textOf(child(item, 'target'))
    if (target) yield { target: cleanPath(target), path: [...path, 'volumes', index], node: item }
  }
  for (const [index, item] of (asList(child(service, 'tmpfs'))?.items ?? []).entries()) {
    const [target = ''] = (textOf(item) ?? '').split(':', 1)
    if (target !== '') yield { target, path: [...path, 'tmpfs', index], node: item }
  }
}
