import { type Node, ruled, textOf, withKey } from '../tree/node.ts'
import { compileRules } from '../tree/pattern.ts'
import { type Rewrite, rewrite } from '../tree/walk.ts'

/** Fills in what an attribute means when a part of it is absent. */
export function setDefaults(node: Node): Node {
  return rewrite(node, RULES, undefined) ?? node
}

type Rule = Rewrite<undefined>

function withDefault(key: string, makeValue: (node: Node) => Node | undefined): Rule {
  return node => {
    if (node.kind !== 'map' || node.entries.has(key)) return node
    const value = makeValue(node)
    return value === undefined ? node : withKey(node, key, value)
  }
}

const build = withDefault('context', () => ruled('build-context', '.'))

const secretTarget = withDefault('target', node => {
  const source = node.kind === 'map' ? textOf(node.entries.get('source')?.node) : undefined
  return source === undefined ? undefined : ruled('secret-target', `/run/secrets/${source}`, node)
})

const port: Rule = (node, path, context) => {
  const withProtocol = withDefault('protocol', () => ruled('port-protocol', 'tcp'))(node, path, context)
  return withProtocol && withDefault('mode', () => ruled('port-mode', 'ingress'))(withProtocol, path, context)
}

const deviceRequest = withDefault('count', node =>
  node.kind === 'map' && node.entries.has('device_ids') ? undefined : ruled('device-count', 'all'),
)

const RULES = compileRules<Rule>([
  ['services.*.build', build],
  ['services.*.deploy.resources.reservations.devices.[]', deviceRequest],
  ['services.*.env_file.[]', withDefault('required', () => ruled('env-file-required', true))],
  ['services.*.gpus.[]', deviceRequest],
  ['services.*.ports.[]', port],
  ['services.*.secrets.[]', secretTarget],
])
