import type { Diagnostic } from '../diagnostics/index.ts'
import type { Path, Project } from '../model/index.ts'

/**
 * The part of what is at a path that a refusal is about: what its sentence quotes, `unknown capability "NET_ADMN"`, is
 * looked for among the texts there, then among the keys; what the sentence names first, first. The path itself where nothing
 * there is quoted.
 */
export function quotedPart(project: Project, path: Path, { summary }: Pick<Diagnostic, 'summary'>): Path {
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    project.model,
  )
  const quoted = [...summary.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text)
  for (const text of quoted) {
    const found =
      search(value, path, (key, each) => isWritten(each, key, text)) ??
      search(value, path, key => key === text)
    if (found !== undefined) return found
  }
  return path
}

/** A text as it stands, or as the engine has it: an entry of a mapping, the second part of `HOST=ADDRESS`. */
function isWritten(value: unknown, key: string | number, quoted: string): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false
  const text = String(value)
  if (text === '') return `${key}=` === quoted
  return quoted === text || quoted === `${key}=${text}` || quoted === /^[^=:]*[=:](.+)$/s.exec(text)?.[1]
}

type Test = (key: string | number, value: unknown) => boolean

/** Depth first, in the order of the file. */
function search(value: unknown, path: Path, test: Test): Path | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((item, index) => [index, item] as const)
    : Object.entries(value)
  for (const [key, each] of entries) {
    const at = [...path, key]
    const found = test(key, each) ? at : search(each, at, test)
    if (found !== undefined) return found
  }
  return undefined
}
