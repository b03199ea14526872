import { relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Diagnostic, Range } from '../../../../diagnostics/index.ts'
import type { RuleWords } from '../../../../lint/index.ts'
import { VERSION } from '../../../version.ts'

/** A SARIF 2.1.0 log, for code scanning; paths below the working folder are relative to it. */
export function renderSarif(found: readonly Diagnostic[], rules: readonly RuleWords[], cwd: string): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'tscompose lint',
            version: VERSION,
            rules: rules.map(({ code, severity, about }) => ({
              id: code,
              shortDescription: { text: about },
              defaultConfiguration: { level: severity },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { WORKDIR: { uri: `${pathToFileURL(cwd).href}/` } },
        results: found.map(diagnostic => resultOf(diagnostic, rules, cwd)),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function resultOf(
  { code, severity, summary, detail, hint, range }: Diagnostic,
  rules: readonly RuleWords[],
  cwd: string,
): object {
  const ruleIndex = rules.findIndex(rule => rule.code === code)
  return {
    ruleId: code,
    ...(ruleIndex < 0 ? {} : { ruleIndex }),
    level: severity,
    message: { text: [summary, detail, hint && `hint: ${hint}`].filter(Boolean).join('\n') },
    ...(range ? { locations: [{ physicalLocation: locationOf(range, cwd) }] } : {}),
  }
}

function locationOf({ file, start, end }: Range, cwd: string): object {
  const path = relative(cwd, file)
  const isBelow = file.startsWith('/') && !path.startsWith('..')
  return {
    artifactLocation: isBelow
      ? { uri: path.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'WORKDIR' }
      : { uri: file.startsWith('/') ? pathToFileURL(file).href : encodeURIComponent(file) },
    region: {
      startLine: start.line,
      startColumn: start.column,
      endLine: end.line,
      endColumn: end.column,
    },
  }
}
