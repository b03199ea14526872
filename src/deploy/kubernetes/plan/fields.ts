import { FIELD_MANAGER } from '../cluster/client.ts'
import type { ClusterObject, ObjectRef, OwnedFields } from '../cluster/object.ts'

type Loose = Readonly<Record<string, unknown>>

/** The fields that we have applied; undefined where we have none. */
export function ownFields({ metadata }: ClusterObject): OwnedFields | undefined {
  return metadata.managedFields?.find(
    ({ manager, operation, subresource = '' }) =>
      manager === FIELD_MANAGER && operation === 'Apply' && subresource === '',
  )?.fieldsV1
}

/**
 * Whether applying an object would change nothing: what we have is what it has, and is as it has it. A `false` may be wrong, where the
 * server writes a value otherwise than we do (`0.5` and `500m`); then a dry run tells.
 */
export function isApplied(live: ClusterObject, wanted: ObjectRef): boolean {
  const owned = ownFields(live)
  if (owned === undefined) return false
  const { apiVersion: _, kind: __, metadata, ...rest } = wanted
  // Names are not fields that anybody has.
  const { name: ___, namespace: ____, ...about } = metadata
  return covers({ ...rest, ...(Object.keys(about).length === 0 ? {} : { metadata: about }) }, live, owned)
}

function covers(wanted: unknown, live: unknown, owned: OwnedFields): boolean {
  const paths = Object.keys(owned).filter(path => path !== '.')
  // What has no fields of its own is had as a whole.
  if (paths.length === 0) return isEqual(wanted, live)
  if (Array.isArray(wanted))
    return (
      Array.isArray(live) &&
      wanted.length === paths.length &&
      paths.every(path => coversItem(wanted, live, owned, path))
    )
  if (!isObject(wanted) || !isObject(live)) return false
  const names = Object.keys(wanted)
  return (
    names.length === paths.length &&
    names.every(name => {
      const { [`f:${name}`]: inner } = owned
      return inner !== undefined && covers(wanted[name], live[name], inner)
    })
  )
}

/** One item of a list whose items are known by keys, or by their values. */
function coversItem(
  wanted: readonly unknown[],
  live: readonly unknown[],
  owned: OwnedFields,
  path: string,
): boolean {
  if (path.startsWith('v:')) {
    const value: unknown = JSON.parse(path.slice(2))
    return wanted.some(each => isEqual(each, value)) && live.some(each => isEqual(each, value))
  }
  const mine = itemOf(wanted, path)
  return mine !== undefined && covers(mine, itemOf(live, path), owned[path] ?? {})
}

/** The item of `k:{"containerPort":80,"protocol":"TCP"}`. */
function itemOf(items: readonly unknown[], path: string): unknown {
  if (!path.startsWith('k:')) return undefined
  const keys = Object.entries(JSON.parse(path.slice(2)) as Loose)
  return items.find(item => isObject(item) && keys.every(([key, value]) => item[key] === value))
}

/** The parts of a value that are among these fields: what somebody who has applied them has applied. */
export function partOf(value: unknown, owned: OwnedFields): unknown {
  const paths = Object.keys(owned).filter(path => path !== '.')
  if (paths.length === 0 || value === undefined) return value
  if (Array.isArray(value)) {
    if (paths.some(path => path.startsWith('v:')))
      return value.filter(item => paths.includes(`v:${JSON.stringify(item)}`))
    // In the order of the list: that of environments counts.
    return value.flatMap(item => {
      const path = paths.find(each => itemOf([item], each) !== undefined)
      return path === undefined ? [] : [{ ...keysOf(path), ...(partOf(item, owned[path] ?? {}) as object) }]
    })
  }
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const { [`f:${name}`]: fields } = owned
      return fields === undefined ? [] : [[name, partOf(inner, fields)] as const]
    }),
  )
}

function keysOf(path: string): object {
  return JSON.parse(path.slice(2)) as object
}

function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether two values are the same JSON, in whatever order their keys are. */
export function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one))
    return (
      Array.isArray(other) && one.length === other.length && one.every((each, at) => isEqual(each, other[at]))
    )
  if (!isObject(one) || !isObject(other)) return false
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every(name => name in other && isEqual(one[name], other[name]))
  )
}
