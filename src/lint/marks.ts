import type { Path, Project } from '../model/index.ts'
import { renderPath } from '../model/index.ts'

/** The extension by which a file switches rules off: `x-lint: {ignore: [CODE]}` at the top level or in any part below it. */
const MARK = 'x-lint'

/** One `x-lint` of a file: which part it stands in, and what it switches off there. */
export interface Mark {
  /** The part that it stands in; empty for the top level. */
  readonly path: Path
  readonly codes: readonly string[]
  /** It is written in another form than `{ignore: [CODE]}`. */
  readonly malformed: boolean
}

/** Every `x-lint` of the project. */
export function marksOf(project: Project): Mark[] {
  return [...collect(project.model, [])]
}

function* collect(value: unknown, path: Path): Generator<Mark> {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* collect(item, [...path, index])
    return
  }
  for (const [key, inner] of Object.entries(value)) {
    if (key === MARK) yield markOf(inner, path)
    else if (!key.startsWith('x-')) yield* collect(inner, [...path, key])
  }
}

function markOf(value: unknown, path: Path): Mark {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  const { ignore, ...others } = (isMap ? value : {}) as { readonly ignore?: unknown }
  const codes = Array.isArray(ignore) ? ignore.filter(code => typeof code === 'string') : []
  const malformed =
    !Array.isArray(ignore) || codes.length < ignore.length || Object.keys(others).length > 0 || !isMap
  return { path, codes, malformed }
}

/** True where a mark at the path or above it switches the code off. */
export function isIgnored(marks: readonly Mark[], code: string, path: Path): boolean {
  return marks.some(
    mark => mark.codes.includes(code) && mark.path.every((segment, index) => segment === path[index]),
  )
}

/** The same for a path in its text form, as diagnostics carry it; what has no path is under the top level alone. */
export function isIgnoredText(marks: readonly Mark[], code: string, path: string | undefined): boolean {
  return marks.some(mark => mark.codes.includes(code) && isBelow(path ?? '', renderPath(mark.path)))
}

/** True where the first path in text form is the second one or below it. */
export function isBelow(path: string, above: string): boolean {
  return above === '' || path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`)
}
