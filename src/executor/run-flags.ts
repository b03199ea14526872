import type { Diagnostic } from '../diagnostics/index.ts'
import type { Service } from '../model/index.ts'
import type { CreateContainer } from '../planner/index.ts'

/** Flags of `run` that stand for an attribute. */
const INSTEAD = [
  ['user', '--user'],
  ['working_dir', '--workdir'],
  ['entrypoint', '--entrypoint'],
] as const

/** Flags of `run` that add to one. */
const BESIDE = [
  ['cap_add', '--cap-add'],
  ['cap_drop', '--cap-drop'],
  ['volumes', '--volume'],
  ['ports', '--publish'],
] as const

/**
 * The flag of `run` that a refusal is about: what the command line says stands in no file. `attributes` are those that it may be
 * about; `ofFile` is the service as the file has it.
 */
export function flagOf(
  { code, summary }: Pick<Diagnostic, 'code' | 'summary'>,
  { service }: Pick<CreateContainer, 'service'>,
  ofFile: Service | undefined,
  attributes: readonly string[],
): string | undefined {
  if (code === 'NAME_IN_USE' || code === 'NAME_INVALID') return '--name'
  const instead = INSTEAD.find(
    ([attribute]) => attributes.includes(attribute) && service[attribute] !== ofFile?.[attribute],
  )
  if (instead !== undefined) return instead[1]
  return BESIDE.find(([attribute]) => {
    const own: readonly unknown[] = ofFile?.[attribute] ?? []
    const asked: readonly unknown[] = service[attribute] ?? []
    return attributes.includes(attribute) && asked.some(each => !own.includes(each) && isNamed(each, summary))
  })?.[1]
}

/** Whether the sentence quotes the text or one of the item's texts, or has the number of a port. */
function isNamed(item: unknown, summary: string): boolean {
  const texts = typeof item === 'object' && item !== null ? Object.values(item) : [item]
  const numbers: readonly string[] = summary.match(/\d+/g) ?? []
  return texts.some(
    text => typeof text === 'string' && (summary.includes(`"${text}"`) || numbers.includes(text)),
  )
}
