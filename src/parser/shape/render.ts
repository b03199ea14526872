import { PROJECT } from '../../model/attributes/project.ts'
import type { Field, Shape, Struct } from '../../model/attributes/shape.ts'
import { compareKeys } from './key-order.ts'

/** Which of Docker's two forms is wanted; they differ in a few spellings and in what absent values print. */
export type PrintForm = 'json' | 'yaml'

/** A canonical model with its attributes in the order and spelling in which Docker Compose prints them. */
export function printable(model: object, form: PrintForm): Record<string, unknown> {
  const data = model as Record<string, unknown>
  const extensions = extensionsOf(data, PROJECT)
  const plain = {
    ...struct(data, PROJECT, form),
    ...(form === 'json' ? (withoutEmptyLists(extensions) as Record<string, unknown>) : extensions),
  }
  // Docker's JSON leaves models out, and extensions anywhere but at the top.
  if (form === 'json') delete plain['models']
  for (const section of ['secrets', 'configs']) hideContent(plain[section])
  return plain
}

/** Docker's JSON has null for each empty list of an extension. */
function withoutEmptyLists(data: unknown): unknown {
  if (Array.isArray(data)) return data.length === 0 ? null : data.map(withoutEmptyLists)
  if (typeof data !== 'object' || data === null || data instanceof Date) return data
  return Object.fromEntries(
    Object.entries(data).map(([key, item]) => [key, withoutEmptyLists(item)] as const),
  )
}

function value(data: unknown, shape: Shape, form: PrintForm): unknown {
  if (data === null || data === undefined) return data
  switch (shape.type) {
    case 'struct':
      return struct(data as Record<string, unknown>, shape, form)
    case 'list':
      return (data as unknown[]).map(item => value(item, shape.of, form))
    case 'record':
      return Object.fromEntries(
        entriesOf(data, form).map(([key, item]) => [key, value(item, shape.of, form)] as const),
      )
    case 'mapping':
      return Object.fromEntries(entriesOf(data, form))
    case 'ulimit':
      return form === 'json' ? withoutZeros(data) : data
    default:
      return data
  }
}

/** Keys of the user's own: by code in JSON, in an order for people in YAML. */
function entriesOf(data: object, form: PrintForm): [string, unknown][] {
  const entries = Object.entries(data)
  return form === 'yaml' ? entries.sort(([a], [b]) => compareKeys(a, b)) : entries
}

/** Docker's JSON has no 0 in limits: `core: 0` is an empty object there. */
function withoutZeros(limit: unknown): unknown {
  if (limit === 0) return {}
  if (typeof limit !== 'object' || limit === null) return limit
  return Object.fromEntries(Object.entries(limit).filter(([, value]) => value !== 0))
}

function struct(data: Record<string, unknown>, shape: Struct, form: PrintForm): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const field of shape.fields) {
    const printed = fieldValue(data[field.name], field, form)
    if (printed !== undefined) result[form === 'json' ? (field.jsonName ?? field.name) : field.name] = printed
  }
  return form === 'yaml' ? { ...result, ...extensionsOf(data, shape) } : result
}

/** Those that the table does not know. */
function extensionsOf(data: Record<string, unknown>, { fields }: Struct): Record<string, unknown> {
  const isOther = (key: string): boolean => key.startsWith('x-') && fields.every(({ name }) => name !== key)
  return Object.fromEntries(Object.entries(data).filter(([key]) => isOther(key)))
}

function fieldValue(data: unknown, field: Field, form: PrintForm): unknown {
  if (form === 'json') return data === undefined ? field.jsonDefault : value(data, field.shape, form)
  const isEmpty = typeof data === 'object' && data !== null && Object.keys(data).length === 0
  if (data === null || (field.yamlOmitsEmpty && isEmpty)) return undefined
  return value(data, field.shape, form)
}

/** What a variable holds is never printed, nor, as with Docker Compose, a content without a letter. */
function hideContent(section: unknown): void {
  if (typeof section !== 'object' || section === null) return
  for (const entry of Object.values(section as Record<string, Record<string, unknown>>))
    if (entry['environment'] !== undefined || entry['content'] === '') delete entry['content']
}
