import { scalarText } from '../merge/key-values.ts'
import type { Scope } from '../scope.ts'
import { list, map, type Node, ruled, scalar, textOf } from '../tree/node.ts'
import type { Rewrite } from '../tree/walk.ts'

/** `services.*.devices`: `HOST[:CONTAINER[:PERMISSIONS]]` becomes long. */
export const devicesRule: Rewrite<Scope> = (node, path, scope) => {
  if (node.kind !== 'list') return node
  const items: Node[] = []
  for (const [index, item] of node.items.entries()) {
    const text = textOf(item)
    const [source = '', target = '', permissions, ...rest] = text?.split(':') ?? []
    if (text === undefined) items.push(item)
    else if (rest.length > 0 || source === '')
      scope.reporter.error('INVALID_DEVICE', `write HOST[:CONTAINER[:PERMISSIONS]], got "${text}"`, {
        path: [...path, index],
        node: item,
      })
    else
      items.push(
        map(
          {
            source: scalar(source, item),
            target: target === '' ? ruled('device-target', source, item) : scalar(target, item),
            permissions:
              permissions === undefined
                ? ruled('device-permissions', 'rwm', item)
                : scalar(permissions, item),
          },
          item,
        ),
      )
  }
  return list(items, node)
}

/** `gpus: all` is one request without conditions. */
export const gpus: Rewrite<Scope> = node =>
  textOf(node) === 'all' ? list([map({ count: scalar('all', node) }, node)], node) : node

/** One number stays one number; the two limits stay as they are. */
export const ulimit: Rewrite<Scope> = node => node

/** `build.ssh`: a map becomes `ID=path` items, `default` stands alone. */
export const buildSsh: Rewrite<Scope> = (node, path, { reporter }) => {
  if (node.kind === 'list')
    for (const [index, item] of node.items.entries()) {
      const text = textOf(item)
      if (text === undefined || text === 'default' || text.includes('=')) continue
      reporter.error('INVALID_VALUE', `write default or ID=PATH, got "${text}"`, {
        path: [...path, index],
        node: item,
      })
    }
  if (node.kind !== 'map') return node
  const items: Node[] = []
  for (const [key, { node: value }] of node.entries) {
    const path = value.kind === 'scalar' && value.value !== null ? `=${scalarText(value.value)}` : ''
    items.push(scalar(`${key}${path}`, value))
  }
  return list(items, node)
}
