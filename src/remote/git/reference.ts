import { failure } from '../../diagnostics/index.ts'
import type { GitReference } from '../../parser/index.ts'

/** What git may not take for something else: an option, a pattern, an expression of revisions (git-check-ref-format). */
const WRONG_REF = /^[-/.]|[\s~^:?*[\\\x00-\x1f\x7f]|\.\.|@\{|\/\/|\.lock$|[/.]$/
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** True for the full id of a commit. */
export function isCommit(ref: string): boolean {
  return COMMIT.test(ref)
}

/** Raises REMOTE_REFERENCE_INVALID for a reference that git could take for something else than a repository with a ref. */
export function checkReference({ repository, ref, subdir, text }: GitReference): void {
  const host = /^(?:[a-z]+:\/\/)?(?:[^@/]*@)?([^/:]*)/i.exec(repository)?.[1] ?? ''
  if (repository.startsWith('-') || host.startsWith('-') || /[\x00-\x20\x7f]/.test(repository))
    throw invalid(text, `"${withoutPassword(repository)}" is no address of a repository`)
  if (/^[a-z]+:\/\/[^?]*\?/i.test(repository))
    throw invalid(text, 'what stands behind ? has no meaning', 'write the ref and the folder behind #')
  if (ref !== undefined && WRONG_REF.test(ref))
    throw invalid(text, `"${ref}" cannot be the name of a branch, tag or commit`)
  if (subdir?.split('/').includes('..'))
    throw failure({
      kind: 'invalidArgument',
      code: 'REMOTE_PATH_OUTSIDE',
      summary: `name a path inside of the repository, got "${subdir}"`,
    })
}

/** A text with an address in it, fit to be shown: without the password that may be in it. */
export function withoutPassword(text: string): string {
  return text.replace(/(:\/\/[^/@:\s]*):[^/@\s]*@/g, '$1:***@')
}

function invalid(text: string, detail: string, hint?: string): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'REMOTE_REFERENCE_INVALID',
    summary: `"${withoutPassword(text)}" is no reference to a git repository`,
    detail,
    hint: hint ?? 'write URL#REF:FOLDER',
  })
}
