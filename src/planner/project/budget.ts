import { bytesOf, type Project } from '../../model/index.ts'
import type { Change } from '../core/operation.ts'

/** What a project may use altogether, as the engine has it (`HostConfig.TscomposeBudget`); 0: no limit. */
export interface ProjectLimits {
  readonly Name: string
  readonly Memory: number
  readonly NanoCpus: number
  readonly PidsLimit: number
}

/** `x-tscompose: {limits: …}` of the file; undefined where it sets none. */
export function budgetOf({ name, model }: Pick<Project, 'name' | 'model'>): ProjectLimits | undefined {
  const { memory, cpus, pids } = model['x-tscompose']?.limits ?? {}
  if (memory === undefined && cpus === undefined && pids === undefined) return undefined
  return wholeBudget({
    Name: name,
    Memory: memory === undefined ? 0 : bytesOf(memory),
    NanoCpus: Math.round((cpus ?? 0) * 1e9),
    PidsLimit: pids ?? 0,
  })
}

/** A budget as an engine tells it, whatever it leaves out. */
export function wholeBudget(given: Partial<Record<keyof ProjectLimits, unknown>>): ProjectLimits {
  const number = (value: unknown): number => (typeof value === 'number' ? value : 0)
  return {
    Name: String(given.Name ?? ''),
    Memory: number(given.Memory),
    NanoCpus: number(given.NanoCpus),
    PidsLimit: number(given.PidsLimit),
  }
}

/** What differs, by the attributes of the file. */
export function budgetChanges(from: ProjectLimits, to: ProjectLimits): Change[] {
  const at = (name: string, before: number, after: number): Change[] =>
    before === after ? [] : [{ path: `x-tscompose.limits.${name}`, from: textOf(before), to: textOf(after) }]
  return [
    ...at('memory', from.Memory, to.Memory),
    ...at('cpus', from.NanoCpus / 1e9, to.NanoCpus / 1e9),
    ...at('pids', from.PidsLimit, to.PidsLimit),
  ]
}

function textOf(value: number): string | undefined {
  return value === 0 ? undefined : String(value)
}
