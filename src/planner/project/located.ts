import type { Diagnostic } from '../../diagnostics/index.ts'
import { type Path, type Project, renderPath } from '../../model/index.ts'

/** An error about what stands at a path of the file: its place, to be completed by code and words. */
export function located(project: Project, path: Path): Pick<Diagnostic, 'severity' | 'path' | 'range'> {
  const range = project.origins.of(path)?.range
  return { severity: 'error', path: renderPath(path), ...(range === undefined ? {} : { range }) }
}
