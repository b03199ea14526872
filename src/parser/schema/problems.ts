import type { ErrorObject } from 'ajv'
import { nearest } from '../../diagnostics/nearest.ts'
import type { Path } from '../../model/index.ts'
import { scalarText } from '../merge/key-values.ts'
import type { ReportDetails } from '../reporter.ts'
import { child, type Node, typeName } from '../tree/node.ts'
import { renderPath } from '../tree/walk.ts'
import { attributesAt, whereElse } from './lookup.ts'

/** One cause behind the validator's errors, ready to be reported. */
export interface SchemaProblem extends ReportDetails {
  readonly code: string
  readonly summary: string
  /** What later passes must not see. */
  readonly drop?: Path
  /** What is absent since its key is misspelt. */
  readonly meant?: Path
}

/** The causes behind the validator's errors: what only follows from another one is left out. */
export function describeProblems(errors: readonly ErrorObject[], root: Node): SchemaProblem[] {
  const problems: SchemaProblem[] = []
  const alternatives = new Set(
    errors.filter(error => error.keyword === 'anyOf').map(error => error.instancePath),
  )
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === 'type').map(each => each.instancePath))
  for (const error of errors) {
    // What has the wrong type is none of the values that are wanted either.
    if (error.keyword === 'enum' && mistyped.has(error.instancePath)) continue
    if (error.keyword === 'required' && alternatives.has(error.instancePath)) continue
    if (error.keyword === 'required' && isMisspelt(error, errors)) continue
    const path = pathOf(error.instancePath, root)
    const problem = describe(error, path, nodeAt(root, path), root)
    if (problem) problems.push(problem)
  }
  return problems
}

/** An attribute that is missing since its key is misspelt: the misspelt key is reported. */
function isMisspelt({ instancePath, params }: ErrorObject, errors: readonly ErrorObject[]): boolean {
  return errors.some(
    other =>
      other.keyword === 'additionalProperties' &&
      other.instancePath === instancePath &&
      nearest(String(other.params['additionalProperty']), [String(params['missingProperty'])]) !== undefined,
  )
}

function describe(
  error: ErrorObject,
  path: Path,
  node: Node | undefined,
  root: Node,
): SchemaProblem | undefined {
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(String(error.params['additionalProperty']), path, node)
    case 'type':
      return wrongType(error, path, node, root)
    case 'required': {
      const missing = String(error.params['missingProperty'])
      return { code: 'MISSING_ATTRIBUTE', summary: `add ${missing}`, path, node, drop: path }
    }
    case 'anyOf':
      return { code: 'MISSING_ATTRIBUTE', summary: 'add capabilities or driver', path, node, drop: path }
    case 'enum': {
      const values = (error.params['allowedValues'] as unknown[]).map(String)
      const got = node?.kind === 'scalar' ? scalarText(node.value) : ''
      const near = nearest(got, values)
      const hint = near ? `did you mean "${near}"?` : undefined
      return {
        code: 'INVALID_VALUE',
        summary: `write one of ${values.join(', ')}, got "${got}"`,
        path,
        node,
        hint,
        drop: path,
      }
    }
    case 'uniqueItems':
      return doubled(error, path, node)
    case 'pattern':
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum': {
      const got = node?.kind === 'scalar' ? scalarText(node.value) : ''
      const wanted =
        error.keyword === 'pattern'
          ? `a value that matches ${error.params['pattern']}`
          : `a number ${error.params['comparison']} ${error.params['limit']}`
      return { code: 'INVALID_VALUE', summary: `write ${wanted}, got "${got}"`, path, node, drop: path }
    }
    default:
      return undefined
  }
}

function unknownKey(key: string, path: Path, node: Node | undefined): SchemaProblem | undefined {
  const entry = node?.kind === 'map' ? node.entries.get(key) : undefined
  // What the loader filled in itself, such as the content of an included secret, has no place in a file.
  if (entry && entry.key === undefined) return undefined
  const full = [...path, key]
  const known = attributesAt(path)
  const near = nearest(key, known)
  const place = near ? undefined : whereElse(key, path)
  const hint = near ? `did you mean "${near}"?` : place
  const where = path.length === 0 ? 'at the top level' : `under ${renderPath(path)}`
  const code = known.length === 0 ? 'INVALID_NAME' : 'UNKNOWN_ATTRIBUTE'
  const summary =
    known.length === 0
      ? `write a name of letters, digits, ., _ and -, got "${key}"`
      : `"${key}" is not known ${where}`
  const meant = near ? { meant: [...path, near] } : {}
  return { code, summary, path: full, span: entry?.key, hint, drop: full, ...meant }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  array: 'a list',
  null: 'nothing',
}

function wrongType(error: ErrorObject, path: Path, node: Node | undefined, root: Node): SchemaProblem {
  const types = [error.params['type']].flat().map(String)
  const wanted = types.filter(type => type !== 'null').map(type => TYPE_WORDS[type] ?? type)
  const got = node === undefined ? 'nothing' : typeName(node)
  const key = path.at(-1)
  const parent = nodeAt(root, path.slice(0, -1))
  const span =
    got === 'null' && parent?.kind === 'map' && typeof key === 'string'
      ? parent.entries.get(key)?.key
      : undefined
  return {
    code: 'INVALID_TYPE',
    summary: `write ${wanted.join(' or ')}, got ${got}`,
    path,
    node,
    span,
    hint: typeHint(types, path, node),
    drop: path,
  }
}

function typeHint(types: readonly string[], path: Path, node: Node | undefined): string | undefined {
  const key = path.at(-1)
  if (node === undefined) return undefined
  const isNull = node.kind === 'scalar' && node.value === null
  const isNested = types.includes('object') || types.includes('array')
  if (isNull) return `give it a value${isNested ? ', indent what belongs to it,' : ''} or remove the key`
  // A service, network … that is no mapping: most often an attribute whose indentation slipped.
  if (path.length === 2 && typeof key === 'string') {
    const place = whereElse(key, path.slice(0, 1))
    if (place) return place
  }
  const text = node.kind === 'scalar' ? scalarText(node.value) : ''
  if (node.kind === 'scalar' && types.includes('array'))
    return `write it as a list item: - ${JSON.stringify(text)}`
  if (node.kind === 'scalar' && types.includes('string')) return `quote it: "${text}"`
  if (node.kind === 'list' && types.includes('object') && !types.includes('array'))
    return 'write KEY: value lines without the leading -'
  if (node.kind === 'map' && types.includes('string') && node.entries.size === 1)
    return 'quote the text: an unquoted ": " makes a mapping of it'
  return undefined
}

function doubled(error: ErrorObject, path: Path, node: Node | undefined): SchemaProblem {
  const index = Math.max(Number(error.params['i']), Number(error.params['j']))
  const item = node?.kind === 'list' ? node.items[index] : undefined
  const text = item?.kind === 'scalar' ? ` "${scalarText(item.value)}"` : ''
  return {
    code: 'DUPLICATE_ITEM',
    summary: `remove one of the two items${text}`,
    path: [...path, index],
    node: item ?? node,
  }
}

export function pathOf(pointer: string, root: Node): Path {
  const path: (string | number)[] = []
  let at: Node | undefined = root
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (at?.kind === 'list') {
      path.push(Number(key))
      at = at.items[Number(key)]
    } else {
      path.push(key)
      at = child(at, key)
    }
  }
  return path
}

function nodeAt(root: Node, path: Path): Node | undefined {
  let at: Node | undefined = root
  for (const segment of path)
    at =
      typeof segment === 'number' ? (at?.kind === 'list' ? at.items[segment] : undefined) : child(at, segment)
  return at
}
