import type { Path } from '../../model/index.ts'
import type { Reporter } from '../reporter.ts'
import { child, isNull, type MapNode, type Node, textOf } from '../tree/node.ts'
import { compileRules } from '../tree/pattern.ts'
import { type Rewrite, rewrite } from '../tree/walk.ts'

/** Checks attributes of one object that exclude or need each other, in the canonical form. */
export function validate(node: Node, reporter: Reporter): Node {
  return rewrite(node, RULES, reporter) ?? node
}

type Rule = Rewrite<Reporter>

function check(run: (node: MapNode, path: Path, reporter: Reporter) => void): Rule {
  return (node, path, reporter) => {
    if (node.kind === 'map') run(node, path, reporter)
    return node
  }
}

function isExternal(node: MapNode): boolean {
  const external = child(node, 'external')
  return external?.kind === 'scalar' && external.value === true
}

/** An external volume is described elsewhere: only its name may stand here. */
const volume = check((node, path, reporter) => {
  if (!isExternal(node)) return
  for (const [key, entry] of node.entries) {
    if (key === 'external' || key === 'name' || key.startsWith('x-')) continue
    reporter.error('EXTERNAL_CONFLICT', `remove "${key}": an external volume is not made here`, {
      path: [...path, key],
      node: entry.node,
      span: entry.key,
    })
  }
})

/** Exactly one place where the bytes come from. */
function fileObject(sources: readonly string[], kind: string): Rule {
  return check((node, path, reporter) => {
    const given = sources.filter(key => {
      const value = child(node, key)
      return value !== undefined && !isNull(value)
    })
    const [, second] = given
    if (second !== undefined)
      reporter.error('CONFLICTING_ATTRIBUTES', `write one of ${given.join(', ')}`, {
        path,
        node: child(node, second),
      })
    const elsewhere = isExternal(node) || child(node, 'driver')
    if (given.length === 0 && !elsewhere && !reporter.isBroken(path))
      reporter.error('NO_SOURCE', `give the ${kind} one of ${sources.join(', ')}`, { path, node })
  })
}

const deviceRequest = check((node, path, reporter) => {
  if (child(node, 'count') && child(node, 'device_ids'))
    reporter.error('CONFLICTING_ATTRIBUTES', 'write either count or device_ids, not both', { path, node })
})

const watchPath = check((node, path, reporter) => {
  if (textOf(child(node, 'path'))?.trim() === '')
    reporter.error('INVALID_PATH', 'give the watch rule a path', {
      path: [...path, 'path'],
      node: child(node, 'path'),
    })
})

const RULES = compileRules<Rule>([
  ['services.*.deploy.resources.reservations.devices.[]', deviceRequest],
  ['services.*.develop.watch.[]', watchPath],
  ['services.*.gpus.[]', deviceRequest],
  ['volumes.*', volume],
  ['configs.*', fileObject(['file', 'environment', 'content'], 'config')],
  ['secrets.*', fileObject(['file', 'environment'], 'secret')],
])
