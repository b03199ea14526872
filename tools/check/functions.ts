/** Lines from the first of a function's signature to its closing brace; `line` counts from 1. */
export interface FunctionSize {
  readonly line: number
  readonly lines: number
}

/** The functions of a source file, the inner ones too. The formatter's layout is relied on, and is checked itself. */
export function functionsOf(path: string, text: string): FunctionSize[] {
  const lines = text.split('\n')
  return path.endsWith('.ts') ? functionsOfTypeScript(lines) : functionsOfC(lines)
}

/** The last line of a signature: an arrow, or the parenthesis of the parameters and maybe a type. */
const TS_BODY = /=> \{$|\)(?::.*)? \{$|^\s*> \{$|^\s*\)?.*\}> \{$/
/** What ends like a signature and is none. */
const TS_OTHER =
  /^\s*(?:\} )?(?:if|else|for|while|switch|catch|do|try|with|(?:export )?(?:abstract )?class)\b/

function functionsOfTypeScript(lines: readonly string[]): FunctionSize[] {
  const found: FunctionSize[] = []
  for (const [index, line] of lines.entries()) {
    if (!TS_BODY.test(line)) continue
    const indent = indentOf(line)
    const first = signatureStart(lines, index, indent)
    if (TS_OTHER.test(lines[first] ?? '')) continue
    const last = lines.findIndex(
      (other, at) => at > index && indentOf(other) === indent && /^\s*\}/.test(other),
    )
    if (last > 0) found.push({ line: first + 1, lines: last - first + 1 })
  }
  return found
}

/** A signature of several lines ends with `): T {` or `}: P): T {`, at the indent at which it began. */
function signatureStart(lines: readonly string[], index: number, indent: number): number {
  let at = index
  while (at > 0 && /^\s*[)}>]/.test(lines[at] ?? '') && !/^\s*\} (?:else|catch)\b/.test(lines[at] ?? '')) {
    at -= 1
    while (at > 0 && (lines[at]?.trim() === '' || indentOf(lines[at] ?? '') > indent)) at -= 1
  }
  return at
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

/** Functions begin in the first column, and so does their closing brace. */
function functionsOfC(lines: readonly string[]): FunctionSize[] {
  const found: FunctionSize[] = []
  for (const [index, line] of lines.entries()) {
    const isBody = line.trimEnd() === '{' || /^\w[^=]*\)\s*\{$/.test(line)
    if (!isBody) continue
    let first = index
    while (first > 0 && /^[\w\t ][^;]*$/.test(lines[first - 1] ?? '')) first -= 1
    const last = lines.findIndex((other, at) => at > index && other.startsWith('}'))
    if (last > 0) found.push({ line: first + 1, lines: last - first + 1 })
  }
  return found
}
