import type { Diagnostic } from '../../diagnostics/index.ts'
import { type Path, type Project, renderPath } from '../../model/index.ts'
import type { Change } from '../core/operation.ts'

/** An error about what stands at a path of the file: its place, to be completed by code and words. */
export function located(project: Project, path: Path): Pick<Diagnostic, 'severity' | 'path' | 'range'> {
  const range = project.origins.of(path)?.range
  return { severity: 'error', path: renderPath(path), ...(range === undefined ? {} : { range }) }
}

/** Where the file says what a difference of a service is about, or what holds it; of an item of a list, the list. */
export function placeOfChange(project: Project, serviceName: string, path: string): Pick<Change, 'place'> {
  const [plain = ''] = path.split('[')
  const [first = '', ...rest] = plain.split('.')
  // A name may have dots.
  const candidates: Path[] = [[first, ...rest], [first, rest.join('.')], [first]]
  for (const below of candidates) {
    const range = project.origins.of(['services', serviceName, ...below])?.range
    if (range === undefined) continue
    const { line, column } = range.start
    return { place: { file: range.file, line, column } }
  }
  return {}
}
