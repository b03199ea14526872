import { expect, test } from 'vitest'
import type { Diagnostic } from './diagnostic.ts'
import { renderDiagnostic, renderDiagnostics } from './render.ts'

const wrongType: Diagnostic = {
  severity: 'error',
  code: 'SCHEMA_TYPE',
  path: 'services.web.ports',
  summary: 'got a string, want a list',
  hint: 'write it as a list item',
  range: { file: 'compose.yaml', start: { line: 3, column: 12 }, end: { line: 3, column: 16 } },
}

test('a diagnostic names its place, shows the line with a caret and ends with the hint', () => {
  const text = 'services:\n  web:\n    ports: "80"\n'
  expect(renderDiagnostic(wrongType, { sourceOf: () => text }).split('\n')).toEqual([
    'error SCHEMA_TYPE compose.yaml:3:12 services.web.ports: got a string, want a list',
    '    2 |   web:',
    '  > 3 |     ports: "80"',
    '      |            ^^^^',
    '  hint: write it as a list item',
  ])
})

test('errors come after warnings', () => {
  const warning: Diagnostic = { severity: 'warning', code: 'W', summary: 'w' }
  expect(renderDiagnostics([wrongType, warning]).split('\n')[0]).toBe('warning W w')
})

test('what a container has said does not speak to the terminal; its colours stay', () => {
  const text = renderDiagnostic({
    severity: 'error',
    code: 'CONTAINER_UNHEALTHY',
    summary: 'a\x9bb',
    detail: 'last probe: \x1b]0;owned\x07\n\x1b[31mred\x1b[0m',
  })
  expect(text.split('\n')).toEqual([
    'error CONTAINER_UNHEALTHY a\\x9bb',
    '  last probe: ^[]0;owned^G',
    '  \x1b[31mred\x1b[0m',
  ])
})
