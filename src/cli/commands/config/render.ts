import type { ComposeModel } from '../../../model/index.ts'
import { emitYaml } from '../../../notation/index.ts'
import { compareKeys } from '../../../parser/shape/key-order.ts'
import { printable } from '../../../parser/shape/render.ts'

/** The canonical model as `config --format json` prints it: top-level keys sorted, `$` doubled so that it loads again. */
export function renderJson(model: ComposeModel): string {
  const plain = printable(model, 'json')
  const sorted = Object.fromEntries(Object.entries(plain).sort(([a], [b]) => (a < b ? -1 : 1)))
  return JSON.stringify(escapeDollars(sorted), null, 2)
}

/** The canonical model as `config` prints it. */
export function renderYaml(model: ComposeModel): string {
  return emitYaml(escapeDollars(printable(model, 'yaml')))
}

/** The merged files without interpolation: nothing is escaped, keys are sorted. */
export function renderMerged(merged: unknown, format: 'yaml' | 'json'): string {
  if (format === 'yaml') return emitYaml(sortKeys(merged, compareKeys))
  return `${JSON.stringify(sortKeys(merged, byCode), null, 2)}\n`
}

/** A file that was made of something else: nothing of it is a variable. */
export function renderPlainFile(file: object, format: 'yaml' | 'json'): string {
  const escaped = escapeDollars(file)
  return format === 'yaml' ? emitYaml(escaped) : `${JSON.stringify(escaped, null, 2)}\n`
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** Locked images, as an override file; Docker Compose's JSON has more keys in it than its YAML. */
export function renderLock(services: Readonly<Record<string, object>>, format: 'yaml' | 'json'): string {
  if (format === 'yaml') return emitYaml({ services })
  const model = { name: '', services } as unknown as ComposeModel
  return `${renderJson(model)}\n`
}

function sortKeys(value: unknown, compare: (a: string, b: string) => number): unknown {
  if (Array.isArray(value)) return value.map(item => sortKeys(item, compare))
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const entries = Object.entries(value).sort(([a], [b]) => compare(a, b))
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item, compare)] as const))
}

/** Doubles every `$` in texts, keys apart. */
function escapeDollars(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$')
  if (Array.isArray(value)) return value.map(escapeDollars)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapeDollars(item)] as const))
}
