import type { SourceFile } from '../contract.ts'
import { Reporter } from '../reporter.ts'
import type { Node } from '../tree/node.ts'
import { Source } from '../tree/source.ts'
import { parseYaml } from '../yaml/parse.ts'
import { type Placeholder, placeholdersOf, TemplateError } from './template.ts'

/** A variable that files use. */
export interface Variable {
  readonly name: string
  /** Some place cannot do without it. */
  readonly required: boolean
  /** Blank where there is none. */
  readonly defaultValue: string
  /** What stands there when it is set: `${NAME:+…}`. */
  readonly alternate: string
}

/** All variables of some files, sorted by name. */
export function variablesOf(files: readonly SourceFile[]): Variable[] {
  const found = new Map<string, Variable>()
  for (const { name, text } of files)
    for (const document of parseYaml(new Source(name, text), new Reporter())) collect(document, found)
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function collect(node: Node, found: Map<string, Variable>): void {
  if (node.kind === 'list') for (const item of node.items) collect(item, found)
  else if (node.kind === 'map') for (const { node: value } of node.entries.values()) collect(value, found)
  else if (typeof node.value === 'string' && node.value.includes('$'))
    for (const placeholder of placeholders(node.value)) add(placeholder, found)
}

function placeholders(text: string): Placeholder[] {
  try {
    return placeholdersOf(text)
  } catch (error) {
    // A text that is no template is reported when it is loaded.
    if (error instanceof TemplateError) return []
    throw error
  }
}

function add({ name, operator, operand = '' }: Placeholder, found: Map<string, Variable>): void {
  const old = found.get(name)
  found.set(name, {
    name,
    required: (old?.required ?? false) || operator?.endsWith('?') === true,
    defaultValue: old?.defaultValue || (operator?.endsWith('-') ? operand : ''),
    alternate: old?.alternate || (operator?.endsWith('+') ? operand : ''),
  })
}
