import type { JsonObject, JsonValue } from '../core/json-value.ts'
import type { Change } from '../core/operation.ts'
import { compareText } from './canonical.ts'
import { isMasked, markOf } from './mask.ts'

/** Every attribute that differs between two normalised specs, by path, sorted; list items by what they are about. */
export function diffSpecs(from: JsonObject, to: JsonObject): Change[] {
  return diffObjects('', from, to)
}

function diffObjects(path: string, from: JsonObject, to: JsonObject): Change[] {
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort(compareText)
  return keys.flatMap(key => diffValues(path === '' ? key : `${path}.${key}`, from[key], to[key]))
}

function diffValues(path: string, from: JsonValue | undefined, to: JsonValue | undefined): Change[] {
  if (from === to || (isMasked(from) && isMasked(to))) return []
  if (isObject(from) && isObject(to)) return diffObjects(path, from, to)
  const keyed = diffKeyedLists(path, from, to)
  if (keyed !== undefined) return keyed
  if (from !== undefined && to !== undefined && JSON.stringify(from) === JSON.stringify(to)) return []
  return [{ path, from: textOf(path, from), to: textOf(path, to) }]
}

/** Lists of objects (mounts, ports, secrets) are compared item by item; undefined if they are not such lists. */
function diffKeyedLists(
  path: string,
  from: JsonValue | undefined,
  to: JsonValue | undefined,
): Change[] | undefined {
  const before = keyedItems(from)
  const after = keyedItems(to)
  if (before === undefined || after === undefined) return undefined
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort(compareText)
  return keys.flatMap(key => diffValues(`${path}[${key}]`, before.get(key), after.get(key)))
}

function keyedItems(value: JsonValue | undefined): Map<string, JsonValue> | undefined {
  if (value === undefined) return new Map()
  if (!Array.isArray(value)) return undefined
  const items = new Map<string, JsonValue>()
  for (const item of value as readonly JsonValue[]) {
    if (!isObject(item)) return undefined
    const key = keyOf(item)
    // Two of one key cannot be told apart: then the lists are compared whole.
    if (key === undefined || items.has(key)) return undefined
    items.set(key, item)
  }
  return items
}

/** A list item is known by the place it takes in the container. */
function keyOf(item: JsonObject): string | undefined {
  for (const name of ['target', 'source', 'path']) {
    const value = item[name]
    if (value === undefined || typeof value === 'object') continue
    const protocol = item['protocol']
    return typeof protocol === 'string' ? `${value}/${protocol}` : String(value)
  }
  return undefined
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(path: string, value: JsonValue | undefined): string | undefined {
  if (value === undefined) return undefined
  return isMasked(value) ? markOf(path) : JSON.stringify(value)
}
