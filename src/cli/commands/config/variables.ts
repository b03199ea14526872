import { type Variable, variablesOf } from '../../../parser/index.ts'
import { emitYaml } from './yaml.ts'

/** Variables that the files use, with what stands in when they are not set. */
export function renderVariables(
  sources: ReadonlyMap<string, string>,
  files: readonly string[],
  format: 'yaml' | 'json' | undefined,
): string {
  const variables = variablesOf(files.flatMap(name => ({ name, text: sources.get(name) ?? '' })))
  if (format === 'json') return `${JSON.stringify(Object.fromEntries(variables.map(entry)), null, 2)}\n`
  if (format === 'yaml') return emitYaml(Object.fromEntries(variables.map(entry)))
  return table(variables)
}

function entry({ name, required, defaultValue, alternate }: Variable): [string, object] {
  return [name, { Name: name, DefaultValue: defaultValue, PresenceValue: alternate, Required: required }]
}

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
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)) + 4)
  return rows
    .map(
      row =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('')
          .trimEnd()}\n`,
    )
    .join('')
}
