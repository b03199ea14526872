import type { OriginRule, Path } from '../../model/index.ts'
import { parseDotenv, parseRawEnv } from '../dotenv/dotenv.ts'
import { toKeyValueList } from '../merge/key-values.ts'
import type { Lookup, Scope } from '../scope.ts'
import {
  child,
  list,
  type MapNode,
  type Node,
  replacing,
  textOf,
  withKey,
  withoutKeys,
} from '../tree/node.ts'

/** Folds the files of `env_file` into `environment` and those of `label_file` into `labels`; what the service itself says wins. */
export function foldFiles(service: MapNode, path: Path, scope: Scope, lookup: Lookup): MapNode {
  return foldLabels(foldEnvironment(service, path, scope, lookup), path, scope)
}

function foldEnvironment(service: MapNode, path: Path, scope: Scope, lookup: Lookup): MapNode {
  const files = child(service, 'env_file')
  if (files?.kind !== 'list') return service
  const own = child(service, 'environment')
  const ownItems = own ? toKeyValueList(own) : []
  const ownValues = pairsOf(ownItems)
  const values = new Map<string, Node>()
  const earlier: Lookup = name => textOf(values.get(name))?.slice(name.length + 1)
  const seen: Lookup = name => lookup(name) ?? ownValues.get(name) ?? earlier(name)
  for (const [index, file] of files.items.entries())
    for (const item of readEnvFile(file, [...path, 'env_file', index], scope, seen))
      setValue(values, item, 'env-file')
  for (const item of ownItems) setValue(values, item)
  return withKey(withoutKeys(service, ['env_file']), 'environment', list([...values.values()], own ?? files))
}

function readEnvFile(file: Node, path: Path, scope: Scope, lookup: Lookup): Node[] {
  const name = textOf(child(file, 'path')) ?? textOf(file)
  if (name === undefined) return []
  const required = child(file, 'required')
  const source = scope.read(name)
  if (source === undefined) {
    if (required?.kind === 'scalar' && required.value === false) return []
    scope.reporter.error('ENV_FILE_NOT_FOUND', `create the file ${name}: it is not there`, {
      path,
      node: file,
      hint: 'or mark it with required: false',
    })
    return []
  }
  const format = textOf(child(file, 'format')) || undefined
  if (format !== undefined && format !== 'raw') {
    scope.reporter.error('INVALID_FORMAT', `write format: raw or none, got "${format}"`, { path, node: file })
    return []
  }
  const result = format === 'raw' ? parseRawEnv(source.text, lookup) : parseDotenv(source.text, lookup)
  for (const problem of result.problems) {
    const span = { source, start: problem.offset, end: problem.offset + 1 }
    if (problem.unset === undefined) scope.reporter.error('DOTENV_SYNTAX', problem.message, { span })
    else scope.reporter.warn('UNSET_VARIABLE', `${problem.message}, a blank string is used`, { span })
  }
  return [...result.values].map(([key, value]) => {
    const place = result.places.get(key) ?? { start: 0, end: 0 }
    return { kind: 'scalar', value: `${key}=${value}`, span: { source, ...place } }
  })
}

/** The later item of a key wins, and remembers which one it replaced. */
function setValue(values: Map<string, Node>, item: Node, rule?: OriginRule): void {
  const key = (textOf(item) ?? '').split('=', 1)[0] ?? ''
  const earlier = values.get(key)
  const node: Node = rule === undefined ? item : { ...item, rule }
  values.set(key, earlier === undefined ? node : replacing(node, earlier))
}

/** Labels know no environment: only what label files define. */
function foldLabels(service: MapNode, path: Path, scope: Scope): MapNode {
  const files = child(service, 'label_file')
  if (files?.kind !== 'list') return service
  const own = child(service, 'labels')
  const values = new Map<string, Node>()
  const earlier: Lookup = name => textOf(values.get(name))?.slice(name.length + 1)
  for (const [index, file] of files.items.entries())
    for (const item of readEnvFile(file, [...path, 'label_file', index], scope, earlier))
      setValue(values, item, 'label-file')
  for (const item of own ? toKeyValueList(own) : []) setValue(values, item)
  return withKey(withoutKeys(service, ['label_file']), 'labels', list([...values.values()], own ?? files))
}

function pairsOf(items: readonly Node[]): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const item of items) {
    const text = textOf(item) ?? ''
    const at = text.indexOf('=')
    if (at >= 0) pairs.set(text.slice(0, at), text.slice(at + 1))
  }
  return pairs
}
