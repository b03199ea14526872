import { parse } from 'yaml'
import { at, isMap, type Json, type JsonMap, put } from './json.ts'
import { applied, fieldName, updated } from './managers.ts'
import { Refused, type Request } from './request.ts'
import { refusalOf, withDefaults } from './rules.ts'
import { placeOf, type ServedKind, type Store } from './store.ts'

interface Written {
  readonly object: JsonMap
  readonly isNew: boolean
}

/** POST, PUT and the kinds of PATCH; with `dryRun=All` what would come of it. */
export function write(store: Store, request: Request, kind: ServedKind): Written {
  const { name, namespace = '', query } = request
  const body = parse(request.body) as JsonMap
  const wanted = name ?? String(at(body, 'metadata', 'name'))
  const live = store.get(kind.plural, namespace, wanted)
  if (request.method === 'POST' && live !== undefined)
    throw new Refused(409, 'AlreadyExists', `${kind.plural} "${wanted}" already exists`)
  if (live === undefined && kind.isNamespaced && store.get('namespaces', '', namespace) === undefined)
    throw new Refused(404, 'NotFound', `namespaces "${namespace}" not found`)
  checkVersion(live, body)
  const next = withDefaults(nextOf(store, request, live, body))
  const refusal = refusalOf(live, next)
  if (refusal !== undefined) throw new Refused(422, 'Invalid', refusal)
  const isNew = live === undefined
  // Of a dry run, what it would be: with an uid, and without a version of its own.
  if (query.get('dryRun') === 'All')
    return { object: isNew ? put(next, ['metadata', 'uid'], 'uid-none') : next, isNew }
  return { object: store.set(kind.plural, next), isNew }
}

function checkVersion(live: JsonMap | undefined, body: JsonMap): void {
  const version = at(body, 'metadata', 'resourceVersion')
  if (live !== undefined && version !== undefined && version !== at(live, 'metadata', 'resourceVersion'))
    throw new Refused(
      409,
      'Conflict',
      'the object has been modified; please apply your changes to the latest version',
    )
}

function nextOf(
  store: Store,
  { type, query, userAgent, part, name, namespace }: Request,
  live: JsonMap | undefined,
  body: JsonMap,
): JsonMap {
  const manager = query.get('fieldManager') ?? userAgent.split('/')[0] ?? 'unknown'
  const place = { ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) }
  const placed = put(body, ['metadata'], { ...(at(body, 'metadata') as JsonMap | undefined), ...place })
  if (type === 'application/apply-patch+yaml') {
    const { object, conflicts } = applied(live, withoutOwn(placed), {
      manager,
      force: query.get('force') === 'true',
      time: store.now(),
    })
    if (conflicts.length === 0) return object
    const causes = conflicts.map(each => ({
      reason: 'FieldManagerConflict',
      message: `conflict with "${each.manager.manager}"${each.manager.operation === 'Update' ? ` using ${String(object['apiVersion'])}` : ''}`,
      field: fieldName(each.path),
    }))
    const one = conflicts.length === 1 ? 'conflict' : 'conflicts'
    const whose = causes.map(({ message, field }) => `${message}: ${field}`).join(', ')
    throw new Refused(409, 'Conflict', `Apply failed with ${conflicts.length} ${one}: ${whose}`, causes)
  }
  if (live === undefined) {
    if (type.includes('patch')) throw new Refused(404, 'NotFound', `"${name ?? ''}" not found`)
    return updated(undefined, withoutOwn(placed), manager, store.now())
  }
  const patched = type.includes('json-patch')
    ? patchedBy(live, body)
    : type.includes('patch')
      ? mergedBy(live, body)
      : { ...placed }
  const kept = put(patched as JsonMap, ['metadata'], {
    ...(at(live, 'metadata') as JsonMap),
    ...(at(patched, 'metadata') as JsonMap),
  })
  const scaled = part === 'scale' ? put(live, ['spec', 'replicas'], at(body, 'spec', 'replicas')) : kept
  return updated(live, scaled, manager, store.now())
}

/** Only the server says these. */
function withoutOwn(object: JsonMap): JsonMap {
  return put(
    put(object, ['metadata', 'managedFields'], undefined),
    ['metadata', 'resourceVersion'],
    undefined,
  )
}

/** RFC 7386. */
function mergedBy(live: Json | undefined, patch: Json): Json {
  if (!isMap(patch)) return patch
  const base = isMap(live) ? live : {}
  return Object.entries(patch).reduce<JsonMap>(
    (object, [key, value]) => put(object, [key], value === null ? undefined : mergedBy(base[key], value)),
    base,
  )
}

/** RFC 6902, `add` and `replace` of what is no item of a list. */
function patchedBy(live: JsonMap, patch: Json): JsonMap {
  return (patch as readonly JsonMap[]).reduce<JsonMap>((object, { path, value }) => {
    const names = String(path)
      .split('/')
      .slice(1)
      .map(name => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    return put(object, names, value)
  }, live)
}

/** Removes an object with all that it owns, and a namespace with all that is in it. */
export function remove(
  store: Store,
  { kind, namespace = '', name = '', body, query }: Request,
  kinds: readonly ServedKind[],
): object {
  const object = kind && store.get(kind.plural, namespace, name)
  if (object === undefined || kind === undefined)
    throw new Refused(404, 'NotFound', `${kind?.plural} "${name}" not found`)
  const options = body === '' ? {} : (JSON.parse(body) as JsonMap)
  const uid = at(options, 'preconditions', 'uid')
  if (uid !== undefined && uid !== at(object, 'metadata', 'uid'))
    throw new Refused(409, 'Conflict', 'Precondition failed: UID in precondition does not match')
  if (query.get('dryRun') !== 'All') removeWhole(store, kind, object, kinds)
  return { kind: 'Status', apiVersion: 'v1', status: 'Success', details: { name, kind: kind.plural } }
}

function removeWhole(store: Store, kind: ServedKind, object: JsonMap, kinds: readonly ServedKind[]): void {
  const [namespace, name] = placeOf(object)
  store.delete(kind.plural, namespace, name)
  const isWithin = (each: JsonMap): boolean =>
    kind.kind === 'Namespace'
      ? at(each, 'metadata', 'namespace') === name
      : ownersOf(each).includes(String(at(object, 'metadata', 'uid')))
  for (const other of kinds)
    for (const each of store.list(other.plural, undefined))
      if (isWithin(each)) removeWhole(store, other, each, kinds)
}

function ownersOf(object: JsonMap): string[] {
  const owners = at(object, 'metadata', 'ownerReferences')
  return Array.isArray(owners) ? owners.map(owner => String(at(owner as Json, 'uid'))) : []
}
