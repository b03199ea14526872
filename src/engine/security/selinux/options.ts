import { failure } from '../../../diagnostics/index.ts'
import type { SecurityContext } from './context.ts'

/** What `label=…` options ask for: other parts of a container's labels, or none. */
export interface LabelOptions extends Partial<SecurityContext> {
  readonly disable?: true
  /** Type of its files. */
  readonly filetype?: string
}

const PARTS = ['user', 'role', 'type', 'level', 'filetype'] as const

/**
 * The options of `security_opt: [label=…]`, behind the equals sign; of several that name the same part the last one counts. SECURITY_OPTION_INVALID for
 * what is none of them.
 */
export function parseLabels(options: readonly string[]): LabelOptions {
  return Object.assign({}, ...options.map(parseLabel))
}

function parseLabel(option: string): LabelOptions {
  if (option === 'disable') return { disable: true }
  const [, name, value = ''] = /^([a-z]+):(\S+)$/.exec(option) ?? []
  const part = PARTS.find(each => each === name)
  if (part !== undefined) return { [part]: value }
  throw failure({
    code: 'SECURITY_OPTION_INVALID',
    kind: 'invalidArgument',
    summary: `label option ${JSON.stringify(option.slice(0, 80))} is not understood`,
    facts: { option: `label=${option}` },
    hint: 'want disable, or user, role, type, level or filetype with a colon and a value',
  })
}
