import { emitYaml } from '../../../notation/index.ts'
import { type Variable, variablesOf } from '../../../parser/index.ts'

/** Variables that the files use, with what stands in when they are not set. */
export function renderVariables(
  sources: ReadonlyMap<string, string>,
  files: readonly string[],
  format: 'yaml' | 'json' | undefined,
): string {
  const variables = variablesOf(files.flatMap(name => ({ name, text: sources.get(name) ?? '' })))
  if (format === 'json') {
    const entries = variables.map(variable => [variable.name, jsonEntry(variable)] as const)
    return `${JSON.stringify(Object.fromEntries(entries), null, 4)}\n`
  }
  if (format === 'yaml') return variables.length === 0 ? '{}\n' : variables.map(yamlEntry).join('')
  return table(variables)
}

function jsonEntry({ name, required, defaultValue, alternate }: Variable): object {
  return { Name: name, DefaultValue: defaultValue, PresenceValue: alternate, Required: required }
}

/** Docker Compose indents this list by four. */
function yamlEntry({ name, required, defaultValue, alternate }: Variable): string {
  const fields = emitYaml({ name, defaultvalue: defaultValue, presencevalue: alternate, required })
  return `${name}:\n${fields.replace(/^(?=.)/gm, '    ')}`
}

/** Narrowest column, and the blanks behind its longest text. */
const COLUMN = 20
const GAP = 3

function table(variables: readonly Variable[]): string {
  const rows = [
    ['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'],
    ...variables.map(({ name, required, defaultValue, alternate }) => [
      name,
      String(required),
      defaultValue,
      alternate,
    ]),
  ]
  const widthOf = (column: number): number =>
    Math.max(COLUMN, ...rows.map(row => (row[column]?.length ?? 0) + GAP))
  const widths = [widthOf(0), widthOf(1), widthOf(2)]
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('')
  return rows.map(row => `${line(row)}\n`).join('')
}
