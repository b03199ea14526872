import type { Diagnostic } from '../diagnostics/index.ts'
import type { Path, Project } from '../model/index.ts'

/** Where a part of a service is written, or what holds it: for what is said of it. */
export function placeOf(
  project: Project | undefined,
  serviceName: string,
  below: Path,
): Pick<Diagnostic, 'range'> {
  for (let path = below; ; path = path.slice(0, -1)) {
    const range = project?.origins.of(['services', serviceName, ...path])?.range
    if (range !== undefined) return { range }
    if (path.length === 0) return {}
  }
}
