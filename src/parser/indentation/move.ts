import type { Path } from '../../model/index.ts'
import { Reporter } from '../reporter.ts'
import { placesOfProblems } from '../schema/check.ts'
import type { Entry, Node } from '../tree/node.ts'
import { Source } from '../tree/source.ts'
import { parseYaml } from '../yaml/parse.ts'

/** One line, with what hangs on it perhaps, that makes a file right with another indentation. */
export interface Move {
  /** From 1. */
  readonly line: number
  readonly was: number
  readonly indent: number
  /** Characters of the line after its indentation. */
  readonly length: number
  /** What the line is part of where it belongs. */
  readonly container: Path
  /** No other problem of the file's structure is left. */
  readonly solvesAll: boolean
}

interface Trial {
  readonly line: number
  readonly indent: number
  /** How many lines move. */
  readonly count: number
}

const LINES_BEFORE = 8
const LINES_AFTER = 2
const MOST_SUSPECTS = 40
const MOST_TRIALS = 250
/** Characters that all trials together may parse: a large file gets fewer. */
const MOST_PARSED = 400_000

/** Looks for the line near a problem whose other indentation solves most; undefined when none solves all of them or the one at hand. */
export function findMove(text: string, problemLine: number): Move | undefined {
  const lines = text.split('\n')
  const before = problemsOf(text)
  let best: { trial: Trial; left: number; tree: readonly Node[] } | undefined
  const most = Math.min(MOST_TRIALS, Math.ceil(MOST_PARSED / text.length))
  for (const trial of trialsAt(lines, problemLine - 1).slice(0, most)) {
    const moved = apply(lines, trial)
    const { count, documents, places } = problemsOf(moved)
    if (count >= before.count || (best && count >= best.left)) continue
    if (places.some(place => isNew(place, trial, before))) continue
    best = { trial, left: count, tree: documents }
    if (count === 0) break
  }
  if (best === undefined) return undefined
  const { trial, left, tree } = best
  const line = lines[trial.line] ?? ''
  return {
    line: trial.line + 1,
    was: indentOf(line),
    indent: trial.indent,
    length: line.trim().length,
    container: containerAt(tree, trial.line + 1),
    solvesAll: left === 0,
  }
}

/** What is wrong with a line that has moved, or was not before: the line has not slipped, another place only hides what is wrong. */
function isNew({ line, key }: Place, { line: from, count }: Trial, before: Problems): boolean {
  if (line > from && line <= from + count) return true
  // Of a text that is no YAML nobody knows what else is wrong with it.
  return before.isYaml && !before.places.some(place => place.line === line && place.key === key)
}

/**
 * Trials by how near they are to the problem, and small moves before large ones. The top level, and where the problem
 * stands, may be far from a line that belongs there.
 */
function trialsAt(lines: readonly string[], at: number): Trial[] {
  const trials: (Trial & { cost: number })[] = []
  const step = stepOf(lines)
  for (const line of suspects(lines, at, step)) {
    const was = indentOf(lines[line] ?? '')
    for (const indent of new Set([...indentsAround(lines, line, step), 0, indentOf(lines[at] ?? '')])) {
      if (indent === was) continue
      const odd = (was % step === 0 ? 6 : 0) + (fits(lines, line, indent, step) ? 0 : 6)
      const distance = Math.min(Math.abs(line - at), LINES_BEFORE)
      const cost = distance * 2 + Math.abs(indent - was) / 2 + odd
      for (const count of countsAt(lines, line))
        trials.push({ line, indent, count, cost: cost + Math.min(count, 5) })
    }
  }
  return trials.sort((a, b) => a.cost - b.cost)
}

/** The first line, those close by, those that the line hangs on and the first below each of them, and those with an odd indentation anywhere. */
function suspects(lines: readonly string[], at: number, step: number): Set<number> {
  // The first line decides what the top level is.
  const found = new Set([lines.findIndex(isContent)])
  let lowest = Number.POSITIVE_INFINITY
  let below: number | undefined
  const last = Math.min(lines.length - 1, at + LINES_AFTER)
  for (let line = last; line >= 0 && found.size < MOST_SUSPECTS; line--) {
    const text = lines[line]
    if (!isContent(text)) continue
    const indent = indentOf(text)
    const isHead = line < at && indent < lowest
    if (line < at) lowest = Math.min(lowest, indent)
    if (line >= at - LINES_BEFORE || isHead || indent % step !== 0) found.add(line)
    if (isHead && below !== undefined) found.add(below)
    below = line
  }
  return found
}

/** By how much most lines of the file are indented. */
function stepOf(lines: readonly string[]): number {
  const indents = lines.filter(isContent).map(indentOf)
  const share = (step: number): number =>
    indents.filter(indent => indent % step === 0).length / indents.length
  return [4, 2].find(step => share(step) > 0.8) ?? 1
}

/** True where a line would stand one step deeper than what it hangs on, or as a list item below its key. */
function fits(lines: readonly string[], at: number, indent: number, step: number): boolean {
  const above = lines.slice(0, at).findLast(line => isContent(line) && indentOf(line) < indent)
  const parent = above === undefined ? 0 : indentOf(above)
  return indent % step === 0 && (indent === 0 || indent - parent === step)
}

/** The line alone, with all that is indented deeper, or with some of it: what slipped to the left has its later siblings below it. */
function countsAt(lines: readonly string[], at: number): Set<number> {
  const whole = subtreeOf(lines, at)
  const step = indentOf(lines[at + 1] ?? '')
  const counts = new Set([1, whole])
  for (let count = 2; count < whole && counts.size < 8; count++)
    if (
      indentOf(lines[at + count] ?? '') <= step ||
      indentOf(lines[at + count] ?? '') > indentOf(lines[at + count - 1] ?? '')
    )
      counts.add(count)
  return counts
}

/** The indentations of the lines around, and one step deeper than the line above. */
function indentsAround(lines: readonly string[], at: number, step: number): Set<number> {
  const indents = new Set<number>()
  for (let line = Math.max(0, at - 12); line < Math.min(lines.length, at + 6); line++)
    if (line !== at && isContent(lines[line])) indents.add(indentOf(lines[line] ?? ''))
  const above = lines.slice(0, at).findLast(isContent)
  if (above !== undefined) indents.add(indentOf(above) + Math.max(step, 2))
  return indents
}

function subtreeOf(lines: readonly string[], at: number): number {
  const was = indentOf(lines[at] ?? '')
  let end = at + 1
  while (end < lines.length && (!isContent(lines[end]) || indentOf(lines[end] ?? '') > was)) end += 1
  return end - at
}

function apply(lines: readonly string[], { line, indent, count }: Trial): string {
  const shift = indent - indentOf(lines[line] ?? '')
  return lines
    .map((text, at) => {
      if (at < line || at >= line + count || !isContent(text)) return text
      return ' '.repeat(Math.max(0, indentOf(text) + shift)) + text.trimStart()
    })
    .join('\n')
}

/** What the schema finds wrong: its line, from 1, and the last part of its path. */
interface Place {
  readonly line: number
  readonly key: string
}

interface Problems {
  readonly count: number
  readonly isYaml: boolean
  readonly places: readonly Place[]
  readonly documents: readonly Node[]
}

function problemsOf(text: string): Problems {
  const reporter = new Reporter()
  const documents = parseYaml(new Source('', text), reporter)
  // A text that is no YAML is worse than anything that YAML can say.
  if (reporter.hasErrors)
    return { count: 1000 + reporter.diagnostics.length, isYaml: false, places: [], documents: [] }
  const swallowed = text.match(/^ *- [^-"'|>#\n][^\n#]*\n +(?=- )/gm)?.filter(hidesItem).length ?? 0
  const places = documents.flatMap(document =>
    placesOfProblems(document).map(path => ({
      line: lineOfPlace(document, path),
      key: String(path.at(-1) ?? ''),
    })),
  )
  return { count: places.length + swallowed, isYaml: true, places, documents }
}

/** The line of the key or item at a path, or of the innermost around it that is written. */
function lineOfPlace(document: Node, path: Path): number {
  let line = document.span === undefined ? 1 : lineOf(document.span)
  let at: Node | undefined = document
  for (const segment of path) {
    const entry: Entry | undefined = at?.kind === 'map' ? at.entries.get(String(segment)) : undefined
    at = at?.kind === 'list' ? at.items[Number(segment)] : entry?.node
    const span = entry?.key ?? at?.span
    if (span !== undefined) line = lineOf(span)
  }
  return line
}

/** An item deeper than the one above is read as more of its text, unless that opens a list or a map. */
function hidesItem(pair: string): boolean {
  const [first = '', second = ''] = pair.split('\n')
  return second.length > indentOf(first) && !/:\s*$/.test(first)
}

/** The path of the map or list that holds what stands in a line. */
function containerAt(documents: readonly Node[], line: number): Path {
  for (const document of documents) {
    const found = search(document, line, [])
    if (found) return found
  }
  return []
}

function search(node: Node, line: number, path: Path): Path | undefined {
  if (node.kind === 'map')
    for (const [key, entry] of node.entries) {
      if (entry.key && lineOf(entry.key) === line) return path
      const found = search(entry.node, line, [...path, key])
      if (found) return found
    }
  if (node.kind === 'list')
    for (const [index, item] of node.items.entries()) {
      if (item.span && lineOf(item.span) === line) return path
      const found = search(item, line, [...path, index])
      if (found) return found
    }
  return undefined
}

function lineOf({ source, start }: { source: Source; start: number }): number {
  return source.position(start).line
}

function isContent(line: string | undefined): line is string {
  return line !== undefined && /^ *[^ #\r]/.test(line)
}

function indentOf(line: string): number {
  return /^ */.exec(line)?.[0].length ?? 0
}
