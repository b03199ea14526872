import type { Diagnostic } from '../diagnostics/index.ts'
import { type Path, type Project, renderPath } from '../model/index.ts'

/** The place of an error in the project's files, as far as they have it. */
export function placed(project: Project, path: Path): Pick<Diagnostic, 'severity' | 'path' | 'range'> {
  const range = project.origins.of(path)?.range
  return { severity: 'error', path: renderPath(path), ...(range === undefined ? {} : { range }) }
}
