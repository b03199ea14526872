import type { ComposeModel } from '../../../model/index.ts'
import { printable } from '../../../parser/shape/render.ts'
import { emitYaml } from './yaml.ts'

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
  const sorted = sortKeys(merged)
  return format === 'json' ? `${JSON.stringify(sorted, null, 2)}\n` : emitYaml(sorted)
}

/** Locked images, as an override file; Docker Compose's JSON has more keys in it than its YAML. */
export function renderLock(services: Readonly<Record<string, object>>, format: 'yaml' | 'json'): string {
  if (format === 'yaml') return emitYaml({ services })
  const model = { name: '', services } as unknown as ComposeModel
  return `${renderJson(model)}\n`
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)] as const))
}

/** Doubles every `$` in texts, keys apart. */
export function escapeDollars(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$')
  if (Array.isArray(value)) return value.map(escapeDollars)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapeDollars(item)] as const))
}
