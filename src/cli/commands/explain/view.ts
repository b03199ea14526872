import { isAbsolute, relative } from 'node:path'
import type { Path } from '../../../model/index.ts'
import type { ExplainedValue, Explanation, ServiceState } from './explanation.ts'
import { type Note, notesOf, placeOf } from './notes.ts'
import { escapeControls, pathText } from './path.ts'
import { valueText, type Wording } from './sentences.ts'

/** Where the text goes. */
export interface ViewOptions {
  readonly color: boolean
  /** Columns of the terminal; undefined in a pipe, where nothing is cut. */
  readonly columns: number | undefined
  readonly cwd: string
}

const PAINT = {
  bold: '\x1b[1m',
  dim: '\x1b[2m',
  cyan: '\x1b[36m',
  yellow: '\x1b[33m',
  reset: '\x1b[0m',
} as const

type Paint = (style: keyof typeof PAINT, text: string) => string

/** A value alone in full, several as a tree with a line each. */
export function renderExplanation(explanation: Explanation, options: ViewOptions): string {
  const { path, values, service } = explanation
  const paint: Paint = (style, text) =>
    options.color && text !== '' ? `${PAINT[style]}${text}${PAINT.reset}` : text
  const [only] = values
  const isSingle = values.length === 1 && only !== undefined && only.path.length === path.length
  const body = isSingle ? renderDetail(only, options, paint) : renderTree(explanation, options, paint)
  return [...stateLines(service), ...body].map(line => `${line.trimEnd()}\n`).join('')
}

function stateLines(service: ServiceState | undefined): string[] {
  if (service === undefined || service.profiles.length === 0) return []
  const { name, enabled, profiles, active } = service
  if (enabled) return [`${name} is enabled by profile ${active.join(', ')}`]
  return [
    `${name} is disabled: no profile of ${profiles.join(', ')} is active; --profile ${profiles[0]} enables it`,
  ]
}

function renderDetail(value: ExplainedValue, options: ViewOptions, paint: Paint): string[] {
  const wording = wordingOf(options, undefined)
  const notes: Note[] = [{ label: 'from', text: placeOf(value, wording) }, ...notesOf(value, wording)]
  return [
    `${paint('bold', pathText(value.path))} = ${valueText(value.value)}`,
    ...notes.map(({ label, text }) => `  ${paint('dim', label.padEnd(8))}  ${paintNote(label, text, paint)}`),
  ]
}

/** A line of the tree; a branch has a label alone. */
interface Row {
  readonly label: string
  readonly explained?: ExplainedValue
}

function renderTree({ path, values }: Explanation, options: ViewOptions, paint: Paint): string[] {
  const rows = rowsOf(path, values)
  const labelWidth = Math.max(...rows.filter(row => row.explained).map(row => row.label.length))
  const room =
    options.columns === undefined ? undefined : Math.max(16, Math.floor((options.columns - labelWidth) * 0.4))
  const wording = wordingOf(options, room)
  const cells = rows.map(({ label, explained }) => ({
    label,
    explained,
    value: explained ? wording.cut(valueText(explained.value)) : '',
    place: explained ? placeOf(explained, wording) : '',
  }))
  // A long value in a pipe shifts its own line and no other.
  const valueWidth = Math.min(room ?? 48, Math.max(...cells.map(({ value }) => value.length)))
  const placeWidth = Math.max(...cells.map(({ place }) => place.length))
  return [
    paint('bold', pathText(path)),
    ...cells.map(({ label, explained, value, place }) => {
      if (explained === undefined) return paint('bold', label)
      const notes = notesOf(explained, wording).map(note => paintNote(note.label, inLine(note), paint))
      const origin = paint('cyan', place) + ' '.repeat(placeWidth - place.length)
      return `${label.padEnd(labelWidth)}  ${value.padEnd(valueWidth)}  ${origin}  ${notes.join('; ')}`
    }),
  ]
}

function inLine({ label, text }: Note): string {
  if (label === 'overrode') return `over ${text}`
  return label === 'written' ? `written ${text}` : text
}

function paintNote(label: Note['label'], text: string, paint: Paint): string {
  if (label === 'from') return paint('cyan', text)
  return label === 'overrode' ? paint('yellow', text) : text
}

/** Keys by depth; items of a list carry the list's name: `ports[0]`. */
function rowsOf(root: Path, values: readonly ExplainedValue[]): Row[] {
  const rows: Row[] = []
  let open: readonly string[] = []
  for (const explained of values) {
    const labels = labelsOf(explained.path.slice(root.length))
    const shared = labels.findIndex((label, index) => label !== open[index])
    for (const [depth, label] of labels.entries()) {
      const indented = `${'  '.repeat(depth + 1)}${label}`
      if (depth === labels.length - 1) rows.push({ label: indented, explained })
      else if (shared >= 0 && depth >= shared) rows.push({ label: indented })
    }
    open = labels
  }
  return rows
}

function labelsOf(path: Path): string[] {
  const labels: string[] = []
  for (const segment of path) {
    if (typeof segment === 'number') labels.push(`${labels.pop() ?? ''}[${segment}]`)
    else labels.push(escapeControls(segment))
  }
  return labels
}

function wordingOf({ cwd, columns }: ViewOptions, room: number | undefined): Wording {
  return {
    relative: file => escapeControls(isAbsolute(file) ? relative(cwd, file) : file),
    cut: text =>
      columns === undefined || room === undefined || text.length <= room
        ? text
        : `${text.slice(0, room - 1)}…`,
  }
}
